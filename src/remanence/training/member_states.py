"""States of stacked members: of all of them in a file, of some of them in each process.

In the state of a stack every tensor with axes begins with that of the members; a scalar belongs to all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def join(parts: Sequence[Any]) -> Any:
    """Return the state of all members, from those of the processes in their order."""
    first = parts[0]
    if isinstance(first, Tensor):
        return torch.cat(list(parts)) if first.ndim else first
    if isinstance(first, Mapping):
        return {key: join([part[key] for part in parts]) for key in first}
    if isinstance(first, list):
        return [join(entries) for entries in zip(*parts, strict=True)]
    return first


def part(state: Any, members: Sequence[int]) -> Any:
    """Return the state of some members, from that of all."""
    return _each(state, lambda value: value[list(members)] if value.ndim else value)


def on_cpu(state: Any) -> Any:
    """Return a state as other processes and files can have it."""
    return _each(state, Tensor.cpu)


def _each(state: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(state, Tensor):
        return change(state)
    if isinstance(state, Mapping):
        return {key: _each(value, change) for key, value in state.items()}
    return [_each(value, change) for value in state] if isinstance(state, list) else state
