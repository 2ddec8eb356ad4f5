"""Training all members of a run as one batched network."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.models.stacked import select, stack
from remanence.training.even_steps import EvenSteps
from remanence.training.member_states import join, on_cpu, part
from remanence.training.members import ALL_TARGETS, Member
from remanence.training.pruned import Pruned, Report
from remanence.training.random_state import generator_states, restore_generators
from remanence.training.ranks import ALONE, Ranks
from remanence.training.whole_file import save


class StackableNetwork(Protocol):
    """What a network needs to be stacked: a fixed shape, and a forward that does not care about leading axes."""

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit scalers to training rows."""

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row, (…, rows), from x (…, rows, features) and y (…, rows, outputs)."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return an optimizer that treats every weight by itself."""


@dataclass
class StackedResult:
    """Trained members and how they got there."""

    network: Any
    """Stacked, with the best weights of each member."""
    best_epoch: NDArray[np.int64]
    """Shape (members,)."""
    train_loss: NDArray[np.float64]
    """Shape (epochs, members)."""
    val_loss: NDArray[np.float64]
    """Shape (epochs, members)."""


@dataclass(frozen=True)
class Schedule:
    """When training stops and what it leaves on the way.

    Args:
        max_epochs: upper limit.
        batch_size: rows per step; a member's rows are divided evenly among the steps of an epoch.
        patience: epochs without improvement after which a member keeps its best weights for good; None for never.
        min_delta: least improvement that counts.
        clip: largest norm of a member's gradient; None for none.
        steps: per epoch; None takes as many as the member with most rows needs.
        device: where to train.
        checkpoint: file to write and to resume from; None writes nothing.
        seconds: least time between two writings.
    """

    max_epochs: int
    batch_size: int
    patience: int | None = None
    min_delta: float = 0.0
    clip: float | None = None
    steps: int | None = None
    device: str = "cpu"
    checkpoint: Path | None = None
    seconds: float = 10.0


Adapt = Callable[[Any, Tensor, Sequence[Member]], None]
"""Takes a stack, inputs (rows, features) and members: to start from weights that were trained before."""


def fit_stacked(
    build: Callable[[], StackableNetwork],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    members: Sequence[Member],
    schedule: Schedule,
    log: Callable[[dict[str, float], int], None] = lambda metrics, epoch: None,
    adapt: Adapt | None = None,
    report: Report | None = None,
    ranks: Ranks = ALONE,
) -> StackedResult:
    """Train every member on its own rows, from its own seed, as if it were alone.

    A member's weights, shuffling and early stopping depend on its seed and rows only, so that the result is that of
    training it by itself with the same number of ``schedule.steps``. Several processes train some of the members each
    and return all of them; only what is drawn while training, such as dropout, depends on their number.

    Args:
        build: makes one untrained network from torch's random state.
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        members: which rows and targets each one sees; at least one for each process.
        schedule: when to stop.
        log: called after every epoch with the means over members: losses, and with a ``report`` also ``val/mse`` and
            ``val/mae`` of the first target, which compare between loss functions.
        adapt: called once with the untrained stack, all inputs and the members, before anything is trained.
        report: given the same; of several processes one yes suffices.
        ranks: the processes.

    Raises:
        Pruned: if a report ended the training, whose checkpoint is written.
        FloatingPointError: if the training diverged.
    """
    training = _Training(build, x, y, members, schedule, adapt, ranks, with_errors=report is not None)
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
            training.write(schedule.checkpoint)
            written = time.monotonic()
    if schedule.checkpoint is not None:
        training.write(schedule.checkpoint)
    if training.pruned:
        raise Pruned(training.epoch)
    return training.result()


class _Training:
    """State of a stacked training between two epochs; everything in it can be written and restored."""

    def __init__(
        self,
        build: Callable[[], StackableNetwork],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        members: Sequence[Member],
        schedule: Schedule,
        adapt: Adapt | None,
        ranks: Ranks,
        *,
        with_errors: bool,
    ) -> None:
        self.schedule, self.ranks, self.with_errors = schedule, ranks, with_errors
        device = torch.device(schedule.device)
        networks: list[Any] = []
        for member in members:
            torch.manual_seed(member.seed)
            network = build()
            columns = slice(None) if member.target == ALL_TARGETS else [member.target]
            known = member.train if member.scaled_on is None else member.scaled_on
            network.prepare(x[known], y[known][:, columns])
            networks.append(network)
        self.whole: Any = stack(networks)
        if adapt is not None:
            adapt(self.whole, torch.as_tensor(x, dtype=torch.float32), members)
        self.first_target = torch.tensor([member.target in (ALL_TARGETS, 0) for member in members])
        self.steps = EvenSteps.divide(
            [len(member.train) for member in members], batch_size=schedule.batch_size, steps=schedule.steps
        )
        longest = max(len(member.train) for member in members)
        most = max(len(member.validation) for member in members)
        self.own = ranks.share(len(members))
        if ranks.size > 1:  # everything is as wide as all members together need it, so that sums round alike
            members = [members[number] for number in self.own]
            self.steps = self.steps.of(self.own)
        self.network: Any = (self.whole if ranks.size == 1 else select(self.whole, self.own)).to(device)
        torch.manual_seed(members[0].seed)  # of what is drawn while training: dropout, latents of a variational scale
        self.optimizer = self.network.configure_optimizers()
        self.generators = [torch.Generator().manual_seed(member.seed) for member in members]
        self.x = torch.as_tensor(x, dtype=torch.float32, device=device)  # (rows, features)
        every_target = torch.as_tensor(y, dtype=torch.float32, device=device)
        self.y = torch.stack(  # (members, rows, outputs of a member)
            [every_target if m.target == ALL_TARGETS else every_target[:, [m.target]] for m in members]
        )
        self.index = torch.arange(len(members), device=device)[:, None]
        self.weight = self.steps.weight.to(device)
        self.train = torch.zeros(len(members), longest, dtype=torch.long)
        self.validation = torch.zeros(len(members), most, dtype=torch.long)
        self.validation_weight = torch.zeros(len(members), most, device=device)
        for number, member in enumerate(members):
            self.train[number, : len(member.train)] = torch.as_tensor(member.train)
            self.validation[number] = int(member.validation[0])  # beyond its own rows; they weigh nothing
            self.validation[number, : len(member.validation)] = torch.as_tensor(member.validation)
            self.validation_weight[number, : len(member.validation)] = 1.0 / len(member.validation)
        self.validation = self.validation.to(device)
        self.epoch, self.pruned, self.all_stopped = 0, False, False
        self.best = torch.full((len(members),), torch.inf, device=device)
        self.best_epoch = torch.zeros(len(members), dtype=torch.long, device=device)
        self.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.losses: list[Tensor] = []  # of all members, one (2, members) per epoch

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to train, here or in another process."""
        return self.epoch >= self.schedule.max_epochs or self.all_stopped or self.pruned

    @property
    def stopped(self) -> Tensor:
        """Members whose best weights are final, shape (members of this process,)."""
        if self.schedule.patience is None:
            return torch.zeros_like(self.best, dtype=torch.bool)
        return self.epoch - self.best_epoch > self.schedule.patience

    def run_epoch(self) -> dict[str, float]:
        """Take all steps of one epoch, validate, and keep what improved; return means over all members."""
        self.network.train()
        rows = self.steps.shuffled(self.train, self.generators).to(self.x.device)  # (members, steps, width)
        total = torch.zeros_like(self.best)
        for step in range(rows.shape[1]):
            chosen, weight = rows[:, step], self.weight[:, step]  # (members, width)
            loss = (self.network.row_loss(self.x[chosen], self.y[self.index, chosen]) * weight).sum(dim=1)  # (members,)
            self.optimizer.zero_grad()
            loss.sum().backward()
            if self.schedule.clip is not None:
                _clip_each(self.network, self.schedule.clip)
            self.optimizer.step()
            total += loss.detach()
        score, errors = self._validate()
        improved = (score < self.best - self.schedule.min_delta) & ~self.stopped
        self.best = torch.where(improved, score, self.best)
        self.best_epoch = torch.where(improved, self.epoch, self.best_epoch)
        for name, value in self.network.state_dict().items():
            self.best_weights[name][improved] = value[improved]
        self.epoch += 1
        own = torch.stack([total / rows.shape[1], score, self.stopped.float(), *errors]).cpu()
        told = torch.cat(self.ranks.gather(own), dim=1)  # (3 or 5, all members)
        self.losses.append(told[:2])
        self.all_stopped = bool(told[2].all())
        named = dict(zip(("val/mse", "val/mae"), told[3:, self.first_target].mean(dim=1).tolist(), strict=False))
        train_loss, val_loss = told[:2].mean(dim=1).tolist()
        return {"train/loss": train_loss, "val/loss": val_loss, **named}

    @torch.no_grad()
    def _validate(self) -> tuple[Tensor, list[Tensor]]:
        """Return each member's loss and, if asked for, squared and absolute error of the first target in its unit."""
        self.network.eval()
        x, y, weight = self.x[self.validation], self.y[self.index, self.validation], self.validation_weight
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
            "generators": torch.stack([generator.get_state() for generator in self.generators]),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }
        common = {"epoch": self.epoch, "losses": self.losses, "pruned": self.pruned}
        drawn = self.ranks.gather(generator_states())
        members = join(self.ranks.gather(on_cpu(own)))
        if self.ranks.rank == 0:
            save({**common, **members, "drawn": drawn}, path)

    def restore(self, path: Path) -> None:
        """Go on from a written state, whatever number of processes wrote it."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.epoch, self.losses, self.pruned = state["epoch"], state["losses"], state["pruned"]
        common = ("epoch", "losses", "pruned", "drawn")
        mine = part({key: value for key, value in state.items() if key not in common}, self.own)
        self.network.load_state_dict(mine["network"])
        self.optimizer.load_state_dict(mine["optimizer"])
        for generator, saved in zip(self.generators, mine["generators"], strict=True):
            generator.set_state(saved.clone())  # torch crashes on a part of a larger tensor
        restore_generators(state["drawn"], self.ranks)
        device = self.x.device
        self.best, self.best_epoch = mine["best"].to(device), mine["best_epoch"].to(device)
        self.best_weights = {name: value.to(device) for name, value in mine["best_weights"].items()}
        self.all_stopped = all(bool(stopped.all()) for stopped in self.ranks.gather(self.stopped.cpu()))


def _clip_each(network: nn.Module, limit: float) -> None:
    """Scale down the gradient of every member whose norm exceeds ``limit``."""
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    norm = torch.stack([gradient.flatten(1).square().sum(dim=1) for gradient in gradients]).sum(dim=0).sqrt()
    factor = (limit / norm.clamp(min=1e-12)).clamp(max=1.0)  # (members,)
    for gradient in gradients:
        gradient.mul_(factor.view(-1, *[1] * (gradient.ndim - 1)))
