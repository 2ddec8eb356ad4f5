"""What a training step computes and moves at least, and what a device reaches at best: for shares of its peak."""

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

BYTES_A_WEIGHT = 4 * 11
"""Read forwards and backwards; its gradient written and read; weight and two moments of Adam read and written; its
gradient set anew."""
BYTES_AN_ACTIVATION = 4 * 4
"""Written forwards, read backwards, its gradient written and read."""


@dataclass(frozen=True)
class StepCost:
    """What one step of training costs at least."""

    operations: float
    """Multiplications and additions of dense, recurrent and convolutional layers, forwards and backwards."""
    moved: float
    """Bytes that pass through the memory, if every weight and activation passes once for each use."""

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.operations / self.moved


def step_cost(network: nn.Module, batch: Tensor) -> StepCost:
    """Count a step on a batch, by the shapes that the layers see: what runs on a device is not asked."""
    found = [0.0, 0.0]

    def count(layer: nn.Module, given: tuple[Tensor, ...], returned: Any) -> None:
        out = returned[0] if isinstance(returned, tuple) else returned
        found[0] += 3 * _forwards(layer, given[0], out)  # backwards: by the inputs and by the weights
        found[1] += BYTES_AN_ACTIVATION * out.numel()

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.RNNBase | nn.Conv1d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    try:
        with torch.no_grad():
            network(batch)
    finally:
        for hook in hooks:
            hook.remove()
    weights = sum(weight.numel() for weight in network.parameters())
    return StepCost(found[0], found[1] + BYTES_A_WEIGHT * weights)


def _forwards(layer: nn.Module, given: Tensor, returned: Tensor) -> float:
    """Return the operations of a layer forwards: two for each weight and each place where it is used."""
    if isinstance(layer, nn.RNNBase):
        matrices = sum(weight.numel() for name, weight in layer.named_parameters() if name.startswith("weight"))
        return 2.0 * matrices * given.shape[0] * given.shape[1]
    places = returned.numel() / returned.shape[-1 if isinstance(layer, nn.Linear) else 1]
    return 2.0 * layer.weight.numel() * places  # type: ignore[operator,union-attr]


def peak(device: str, dtype: torch.dtype, *, size: int) -> float:
    """Return the operations a second of the product of two square matrices: what a device reaches at best."""
    left, right = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    return 2 * size**3 / _best(lambda: left @ right, device)


def bandwidth(device: str, *, megabytes: int) -> float:
    """Return the bytes a second that a copy inside the memory reads and writes."""
    source = torch.zeros(megabytes * 2**18, device=device)
    target = torch.empty_like(source)
    return 8 * source.numel() / _best(lambda: target.copy_(source), device)


def _best(work: Any, device: str, rounds: int = 10) -> float:
    """Return the shortest time of some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        wait(device)
        began = time.perf_counter()
        work()
        wait(device)
        times.append(time.perf_counter() - began)
    return min(times)


def wait(device: str) -> None:
    """Wait for the device: its work is queued."""
    if device == "cuda":
        torch.cuda.synchronize()
