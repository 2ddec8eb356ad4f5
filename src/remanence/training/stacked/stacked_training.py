"""A stacked training: the networks that are trained together, their rows and options, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.models.network import Stackable
from remanence.models.stacked import Form
from remanence.training.ranks import ALONE, Ranks
from remanence.training.report import Report
from remanence.training.stacked.members import Member


@dataclass(frozen=True)
class Schedule:
    """Options of a stacked training: its length, its steps, its device and its checkpoint.

    Args:
        max_epochs: largest number of epochs.
        batch_size: largest number of rows per step; a member's rows are divided evenly among the steps of an epoch.
        patience: number of epochs without improvement after which a member's best weights are final; None for never.
        min_delta: least improvement of the validation loss that counts.
        clip: largest norm of a member's gradient; None for no limit.
        steps: number of steps per epoch; None takes as many as the member with most rows needs.
        device: device to train on.
        dtype: dtype of weights and rows while training.
        epochs: whose validation loss chooses a member's best epoch: its ``own``, or the mean of the ``others``, which
            are the members of the same fold and target that validate other rows; without others, its own.
        passes: ``written`` computes stacks of dense networks without autograd, see ``dense_pass``.
        checkpoint: file to write and to resume from; None writes nothing.
        seconds: least time between two writes of the checkpoint.
        stamp: function that returns a further entry of a checkpoint, see ``training.stamp``.
    """

    max_epochs: int
    batch_size: int
    patience: int | None = None
    min_delta: float = 0.0
    clip: float | None = None
    steps: int | None = None
    device: str = "cpu"
    dtype: torch.dtype = torch.float32
    epochs: Literal["own", "others"] = "own"
    passes: Literal["written", "autograd"] = "autograd"
    checkpoint: Path | None = None
    seconds: float = 10.0
    stamp: Callable[[], dict[str, Any]] = dict

    def is_final(self, best_epoch: Tensor, epoch: int) -> Tensor:
        """Return whether best weights are final after ``epoch`` epochs, in the shape of ``best_epoch``."""
        if self.patience is None:
            return torch.zeros_like(best_epoch, dtype=torch.bool)
        return epoch - best_epoch > self.patience


Adapt = Callable[[Any, Tensor, Sequence[Member]], None]
"""Function of an untrained stack, inputs (rows, features) and members that gives the stack its first weights."""


@dataclass(frozen=True)
class StackedTraining:
    """What ``fit_stacked`` is asked to train.

    Args:
        build: function that makes one untrained network from torch's random state.
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        members: members to train, at least one for each process.
        schedule: options of the training.
        log: function called after every epoch with its metrics and its number. The metrics are means over members: the
            losses, and with a ``report`` also ``val/mse`` and ``val/mae`` of the first target, which can be compared
            between loss functions.
        adapt: function called once with the untrained stack, all inputs and the members, before the training.
        report: function called with the same arguments as ``log`` that returns whether to stop. The training stops as
            soon as the report of one process returns True.
        ranks: the processes that share the training.
        form: form in which members are computed together, see ``how_to_stack``; None lets ``stack`` choose.
        flush: function called before a checkpoint is written; it sends the values that ``log`` has buffered.
        uncertainty: uncertainty of each target of the first rows, shape (rows or fewer, targets), see ``row_weights``.
        order: for a network that Lightning would train alone, the generator from which its loader draws the order of
            rows; its state is then that after the training. None for stacked members.
    """

    build: Callable[[], Stackable]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    members: Sequence[Member]
    schedule: Schedule
    log: Callable[[dict[str, float], int], None] = lambda metrics, epoch: None
    adapt: Adapt | None = None
    report: Report | None = None
    ranks: Ranks = ALONE
    form: Form | None = None
    flush: Callable[[], None] = lambda: None
    uncertainty: NDArray[np.float64] | None = None
    order: torch.Generator | None = None


@dataclass
class StackedResult:
    """Trained members and the course of their training."""

    network: Any
    """Stacked network with the best weights of each member."""
    best_epoch: NDArray[np.int64]
    """Best epoch of each member, shape (members,)."""
    train_loss: NDArray[np.float64]
    """Training loss, shape (epochs, members)."""
    val_loss: NDArray[np.float64]
    """Validation loss, shape (epochs, members)."""
    stack: int = 1
    """Number of trainings that were joined."""
