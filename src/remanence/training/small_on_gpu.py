"""Telling a user that a network is so small that a GPU is no faster than a CPU."""

from functools import cache
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import nn

from remanence.foundation.terminal import console

SMALL = 1_000_000
"""Weights times rows of a step below which a network is small for a GPU.

A step on a GPU takes about a millisecond however little is computed, because the CPU starts some hundred kernels for
it. In a millisecond a core of a CPU does some million multiplications and additions three times over: forwards, and
backwards by the inputs and by the weights. ``experiments/benchmarks/gpu.py`` measures such a step on both.
"""


def say_if_small(network: nn.Module, *, rows: int, device: torch.device) -> None:
    """Print one line if a network on a GPU is likely to train faster on the CPU.

    The rule is that its weights times the rows of a step are below ``SMALL``; of stacked members, the weights of all of
    them times the rows of one. A recurrent network uses each weight several times a row, and is small only if its
    weights are few even so. A line that was printed is not repeated by this process, as for each trial of a sweep.

    Args:
        network: network, or a stack of members.
        rows: rows of a step, for each member.
        device: where it is trained.
    """
    weights = sum(weight.numel() for weight in network.parameters())
    if device.type != "cpu" and weights * rows < SMALL:
        _say(
            f"{weights} weights and {rows} rows a step are little for a GPU, and the CPU is likely faster: "
            "trainer.accelerator=cpu"
        )


@cache
def _say(line: str) -> None:
    console.print(line, style="yellow")


class SmallOnGPU(Callback):
    """Says before Lightning's first step whether a network is small for a GPU, see ``say_if_small``."""

    def __init__(self) -> None:
        self._asked = False

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        """Look at the first batch."""
        if self._asked or not trainer.is_global_zero:
            return
        self._asked = True
        first = batch[0] if isinstance(batch, list | tuple) else batch
        if isinstance(first, torch.Tensor):
            say_if_small(pl_module, rows=len(first), device=first.device)
