"""Training all members of a run as one stacked network."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.models.member_step import taking
from remanence.models.member_wise import MemberWise
from remanence.models.network import Stackable
from remanence.models.stacked import Form, select, stack
from remanence.training.checkpoint_file import read_checkpoint
from remanence.training.judges import judges
from remanence.training.member_rows import MemberRows
from remanence.training.member_states import join, on_cpu, part
from remanence.training.members import ALL_TARGETS, Member
from remanence.training.random_state import generator_states, restore_generators
from remanence.training.ranks import ALONE, Ranks
from remanence.training.report import Pruned, Report
from remanence.training.stackable import untrained
from remanence.training.stamp import KEY
from remanence.training.whole_file import save


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
    checkpoint: Path | None = None
    seconds: float = 10.0
    stamp: Callable[[], dict[str, Any]] = dict


Adapt = Callable[[Any, Tensor, Sequence[Member]], None]
"""Function of an untrained stack, inputs (rows, features) and members that gives the stack its first weights."""


def fit_stacked(
    build: Callable[[], Stackable],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    members: Sequence[Member],
    schedule: Schedule,
    log: Callable[[dict[str, float], int], None] = lambda metrics, epoch: None,
    adapt: Adapt | None = None,
    report: Report | None = None,
    ranks: Ranks = ALONE,
    form: Form | None = None,
    flush: Callable[[], None] = lambda: None,
    uncertainty: NDArray[np.float64] | None = None,
) -> StackedResult:
    """Train every member on its own rows, from its own seed, as if it were alone.

    A member's weights, shuffling, dropout and early stopping depend on its seed and its rows only. The result is
    therefore that of training the member alone with the same ``schedule.steps``; with ``schedule.epochs="others"``, the
    epoch that is kept depends on the other members. If there are several processes, each
    trains some of the members, and each returns all of them.

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

    Raises:
        Pruned: if a report ended the training; its checkpoint is written before.
        FloatingPointError: if the training diverged.
    """
    training = _Training(
        build, x, y, members, schedule, adapt, ranks, form, with_errors=report is not None, uncertainty=uncertainty
    )
    if schedule.checkpoint is not None and schedule.checkpoint.is_file():
        training.restore(schedule.checkpoint)
    written = time.monotonic()
    while not training.is_over:
        metrics = training.run_epoch()
        log(metrics, training.epoch - 1)
        stop = report is not None and report(metrics, training.epoch - 1)
        due = schedule.checkpoint is not None and time.monotonic() - written >= schedule.seconds
        stops, dues = zip(*ranks.gather((stop, due)), strict=True)
        training.pruned = any(stops) and not training.is_over
        if schedule.checkpoint is not None and any(dues):
            flush()  # a training that is resumed does not repeat these epochs
            training.write(schedule.checkpoint)
            written = time.monotonic()
    if schedule.checkpoint is not None:
        training.write(schedule.checkpoint)
    if training.pruned:
        raise Pruned(training.epoch)
    return training.result()


class _Training:
    """State of a stacked training between two epochs, which can be written and restored."""

    def __init__(
        self,
        build: Callable[[], Stackable],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        members: Sequence[Member],
        schedule: Schedule,
        adapt: Adapt | None,
        ranks: Ranks,
        form: Form | None,
        *,
        with_errors: bool,
        uncertainty: NDArray[np.float64] | None,
    ) -> None:
        self.schedule, self.ranks, self.with_errors = schedule, ranks, with_errors
        device, dtype = torch.device(schedule.device), schedule.dtype
        self.whole: Any = stack([untrained(build, x, y, member, dtype) for member in members], form)
        if adapt is not None:
            adapt(self.whole, torch.as_tensor(x, dtype=dtype), members)
        self.first_target = torch.tensor([member.target in (ALL_TARGETS, 0) for member in members])
        self.own = ranks.share(len(members))
        self.judges = judges(members)[self.own].to(device) if schedule.epochs == "others" else None
        self.rows = MemberRows(
            x,
            y,
            members,
            self.own,
            batch_size=schedule.batch_size,
            steps=schedule.steps,
            device=device,
            dtype=dtype,
            uncertainty=uncertainty,
        )
        self.network: Any = (self.whole if ranks.size == 1 else select(self.whole, self.own)).to(device)
        torch.manual_seed(members[self.own[0]].seed)  # for what is drawn outside the members' own steps
        self.optimizer = self.network.configure_optimizers()
        self.epoch, self.pruned, self.all_stopped = 0, False, False
        self.best = torch.full((len(self.own),), torch.inf, dtype=dtype, device=device)
        self.best_epoch = torch.zeros(len(self.own), dtype=torch.long, device=device)
        self.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.losses: list[Tensor] = []  # of all members, one (2, members) per epoch

    @property
    def is_over(self) -> bool:
        """Whether the training is over, in this process and in all others."""
        return self.epoch >= self.schedule.max_epochs or self.all_stopped or self.pruned

    @property
    def stopped(self) -> Tensor:
        """Whether the best weights of each member are final, shape (members of this process,)."""
        if self.schedule.patience is None:
            return torch.zeros_like(self.best, dtype=torch.bool)
        return self.epoch - self.best_epoch > self.schedule.patience

    def run_epoch(self) -> dict[str, float]:
        """Take all steps of an epoch, validate, keep the weights of members that improved, and return mean metrics."""
        self.network.train()
        total, steps = torch.zeros_like(self.best), 0
        for step, x, y, weight in self.rows.epoch():
            with taking(step):
                loss = (self.network.row_loss(x, y) * weight).sum(dim=1)  # (members,)
            self.optimizer.zero_grad()
            loss.sum().backward()
            if isinstance(self.network, MemberWise):
                self.network.complete_gradients()
            if self.schedule.clip is not None:
                _clip_each(self.network, self.schedule.clip)
            self.optimizer.step()
            total += loss.detach()
            steps += 1
        score, errors = self._validate()
        judged = score if self.judges is None else self._judged(score)
        improved = (judged < self.best - self.schedule.min_delta) & ~self.stopped & score.isfinite()
        self.best = torch.where(improved, judged, self.best)
        self.best_epoch = torch.where(improved, self.epoch, self.best_epoch)
        for name, value in self.network.state_dict().items():
            self.best_weights[name][improved] = value[improved]
        self.epoch += 1
        own = torch.stack([total / steps, score, self.stopped.to(score), *errors]).cpu()
        told = torch.cat(self.ranks.gather(own), dim=1)  # (3 or 5, all members)
        self.losses.append(told[:2])
        self.all_stopped = bool(told[2].all())
        named = dict(zip(("val/mse", "val/mae"), told[3:, self.first_target].mean(dim=1).tolist(), strict=False))
        train_loss, val_loss = told[:2].mean(dim=1).tolist()
        return {"train/loss": train_loss, "val/loss": val_loss, **named}

    def _judged(self, score: Tensor) -> Tensor:
        """Return the mean validation loss of the judges of each member of this process; of those that are finite."""
        assert self.judges is not None  # see ``run_epoch``
        every = torch.cat(self.ranks.gather(score.cpu())).to(score)
        finite = every.isfinite()
        number = self.judges[:, finite].sum(dim=1)
        mean = self.judges[:, finite] @ every[finite] / number.clamp(min=1)
        return torch.where(number > 0, mean, torch.inf)

    @torch.no_grad()
    def _validate(self) -> tuple[Tensor, list[Tensor]]:
        """Return each member's validation loss and, if asked for, the mean errors of its first target.

        The errors are the mean squared and the mean absolute error, in the unit of the target.
        """
        self.network.eval()
        (x, y), weight = self.rows.validation, self.rows.validation_weight
        with taking(self.rows.validating):
            score = (self.network.row_loss(x, y) * weight).sum(dim=1)  # (members,)
            if not self.with_errors:
                return score, []
            error = self.network(x)[..., 0] - y[..., 0]  # (members, rows)
        return score, [(error.square() * weight).sum(dim=1), (error.abs() * weight).sum(dim=1)]

    def result(self) -> StackedResult:
        """Return all members with their best weights."""
        own = {"best": self.best, "best_epoch": self.best_epoch, "weights": self.best_weights}
        found = join(self.ranks.gather(on_cpu(own)))
        if not torch.isfinite(found["best"]).all():
            raise FloatingPointError("training diverged: a member never had a finite loss; try a smaller model.lr")
        self.whole.cpu().load_state_dict(found["weights"])
        losses = torch.stack(self.losses).double().numpy()  # (epochs, 2, members)
        return StackedResult(self.whole, found["best_epoch"].numpy(), losses[:, 0], losses[:, 1])

    def write(self, path: Path) -> None:
        """Write the state of all members; the file appears whole or not at all."""
        own = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": torch.stack([generator.get_state() for generator in self.rows.generators]),
            "member_draws": torch.stack([generator.get_state() for generator in self.rows.drawn]),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }
        common = {"epoch": self.epoch, "losses": self.losses, "pruned": self.pruned, **self.schedule.stamp()}
        drawn = self.ranks.gather(generator_states())
        members = join(self.ranks.gather(on_cpu(own)))
        if self.ranks.rank == 0:
            save({**common, **members, "drawn": drawn}, path)

    def restore(self, path: Path) -> None:
        """Restore a written state, whatever number of processes wrote it."""
        state = read_checkpoint(path)
        self.epoch, self.losses, self.pruned = state["epoch"], state["losses"], state["pruned"]
        common = ("epoch", "losses", "pruned", "drawn", KEY)
        mine = part({key: value for key, value in state.items() if key not in common}, self.own)
        self.network.load_state_dict(mine["network"])
        self.optimizer.load_state_dict(mine["optimizer"])
        for generator, saved in zip(self.rows.generators, mine["generators"], strict=True):
            generator.set_state(saved.clone())  # cloned, as torch crashes on a view of a larger tensor
        for generator, saved in zip(self.rows.drawn, mine.get("member_draws", ()), strict=False):  # older files lack it
            if saved.shape == generator.get_state().shape:  # a GPU's generator cannot take the state of a CPU's
                generator.set_state(saved.clone())
        restore_generators(state["drawn"], self.ranks)
        device = self.rows.device
        self.best, self.best_epoch = mine["best"].to(device), mine["best_epoch"].to(device)
        self.best_weights = {name: value.to(device) for name, value in mine["best_weights"].items()}
        self.all_stopped = all(bool(stopped.all()) for stopped in self.ranks.gather(self.stopped.cpu()))


def _clip_each(network: nn.Module, limit: float) -> None:
    """Scale down the gradient of every member whose norm exceeds ``limit``."""
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    squares = [gradient.reshape(len(gradient), -1).square().sum(dim=1) for gradient in gradients]  # (members,) each
    norm = torch.stack(squares).sum(dim=0).sqrt()
    factor = (limit / norm.clamp(min=1e-12)).clamp(max=1.0)  # (members,)
    for gradient in gradients:
        gradient.mul_(factor.view(-1, *[1] * (gradient.ndim - 1)))
