"""Joining and dividing the states of stacked members: a file holds all members, each process some of them.

In the state of a stack, the first axis of every tensor is the members. A scalar tensor belongs to all members.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def join(parts: Sequence[Any]) -> Any:
    """Return the state of all members from the states of the processes, given in the order of ranks."""
    first = parts[0]
    if isinstance(first, Tensor):
        return torch.cat(list(parts)) if first.ndim else first
    if isinstance(first, Mapping):
        return {key: join([part[key] for part in parts]) for key in first}
    if isinstance(first, list):
        return [join(entries) for entries in zip(*parts, strict=True)]
    return first


def part(state: Any, members: Sequence[int]) -> Any:
    """Return the state of some members from the state of all members."""
    return _each(state, lambda value: value[list(members)] if value.ndim else value)


def on_cpu(state: Any) -> Any:
    """Return a state with all tensors on the CPU, to be sent to other processes or written to a file."""
    return _each(state, Tensor.cpu)


def _each(state: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(state, Tensor):
        return change(state)
    if isinstance(state, Mapping):
        return {key: _each(value, change) for key, value in state.items()}
    return [_each(value, change) for value in state] if isinstance(state, list) else state
