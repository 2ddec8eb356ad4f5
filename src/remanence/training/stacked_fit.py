"""Training all members of a run as one batched network."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.models.stacked import stack
from remanence.training.members import ALL_TARGETS, Member


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
) -> StackedResult:
    """Train every member on its own rows, from its own seed, as if it were alone.

    A member's weights, shuffling and early stopping depend on its seed and rows only, so that the result is that of
    training it by itself with the same number of ``schedule.steps``.

    Args:
        build: makes one untrained network from torch's random state.
        x: inputs of all rows, shape (rows, features).
        y: targets of all rows, shape (rows, targets).
        members: which rows and targets each one sees.
        schedule: when to stop.
        log: called after every epoch with the mean losses over members.
        adapt: called once with the untrained stack, all inputs and the members, before anything is trained.
    """
    training = _Training(build, x, y, members, schedule, adapt)
    if schedule.checkpoint is not None and schedule.checkpoint.is_file():
        training.restore(schedule.checkpoint)
    written = time.monotonic()
    while training.epoch < schedule.max_epochs and not training.stopped.all():
        training.run_epoch()
        train_loss, val_loss = training.losses[-1].mean(dim=1).tolist()
        log({"train/loss": train_loss, "val/loss": val_loss}, training.epoch - 1)
        if schedule.checkpoint is not None and time.monotonic() - written >= schedule.seconds:
            training.write(schedule.checkpoint)
            written = time.monotonic()
    if schedule.checkpoint is not None:
        training.write(schedule.checkpoint)
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
    ) -> None:
        self.schedule = schedule
        device = torch.device(schedule.device)
        networks: list[Any] = []
        for member in members:
            torch.manual_seed(member.seed)
            network = build()
            columns = slice(None) if member.target == ALL_TARGETS else [member.target]
            known = member.train if member.scaled_on is None else member.scaled_on
            network.prepare(x[known], y[known][:, columns])
            networks.append(network)
        self.network: Any = stack(networks)
        if adapt is not None:
            adapt(self.network, torch.as_tensor(x, dtype=torch.float32), members)
        self.network.to(device)
        torch.manual_seed(members[0].seed)  # of what is drawn while training: dropout, latents of a variational scale
        self.optimizer = self.network.configure_optimizers()
        self.generators = [torch.Generator().manual_seed(member.seed) for member in members]
        self.x = torch.as_tensor(x, dtype=torch.float32, device=device)  # (rows, features)
        every_target = torch.as_tensor(y, dtype=torch.float32, device=device)
        self.y = torch.stack(  # (members, rows, outputs of a member)
            [every_target if m.target == ALL_TARGETS else every_target[:, [m.target]] for m in members]
        )
        self.index = torch.arange(len(members), device=device)[:, None]
        self.order, self.weight = _even_steps([len(member.train) for member in members], schedule)
        self.weight = self.weight.to(device)
        longest = max(len(member.train) for member in members)
        self.train = torch.zeros(len(members), longest, dtype=torch.long)
        most = max(len(member.validation) for member in members)
        self.validation = torch.zeros(len(members), most, dtype=torch.long)
        self.validation_weight = torch.zeros(len(members), most, device=device)
        for number, member in enumerate(members):
            self.train[number, : len(member.train)] = torch.as_tensor(member.train)
            self.validation[number] = int(member.validation[0])  # beyond its own rows; they weigh nothing
            self.validation[number, : len(member.validation)] = torch.as_tensor(member.validation)
            self.validation_weight[number, : len(member.validation)] = 1.0 / len(member.validation)
        self.validation = self.validation.to(device)
        self.epoch = 0
        self.best = torch.full((len(members),), torch.inf, device=device)
        self.best_epoch = torch.zeros(len(members), dtype=torch.long, device=device)
        self.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.losses: list[Tensor] = []  # one (2, members) per epoch

    @property
    def stopped(self) -> Tensor:
        """Members whose best weights are final, shape (members,)."""
        if self.schedule.patience is None:
            return torch.zeros_like(self.best, dtype=torch.bool)
        return self.epoch - self.best_epoch > self.schedule.patience

    def run_epoch(self) -> None:
        """Take all steps of one epoch, validate, and keep what improved."""
        self.network.train()
        rows = self._shuffled().to(self.x.device)  # (members, steps, width)
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
        self.network.eval()
        with torch.no_grad():
            losses = self.network.row_loss(self.x[self.validation], self.y[self.index, self.validation])
            score = (losses * self.validation_weight).sum(dim=1)  # (members,)
        improved = (score < self.best - self.schedule.min_delta) & ~self.stopped
        self.best = torch.where(improved, score, self.best)
        self.best_epoch = torch.where(improved, self.epoch, self.best_epoch)
        for name, value in self.network.state_dict().items():
            self.best_weights[name][improved] = value[improved]
        self.losses.append(torch.stack([total / rows.shape[1], score]).cpu())
        self.epoch += 1

    def result(self) -> StackedResult:
        """Return the members with their best weights."""
        if not torch.isfinite(self.best).all():
            raise FloatingPointError("training diverged: a member never had a finite loss; try a smaller model.lr")
        self.network.load_state_dict(self.best_weights)
        losses = torch.stack(self.losses).double().numpy()  # (epochs, 2, members)
        return StackedResult(self.network.cpu(), self.best_epoch.cpu().numpy(), losses[:, 0], losses[:, 1])

    def write(self, path: Path) -> None:
        """Write the state; the file appears whole or not at all."""
        state = {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": [generator.get_state() for generator in self.generators],
            "drawn": torch.get_rng_state(),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
            "losses": self.losses,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.part")
        torch.save(state, unfinished)
        os.replace(unfinished, path)

    def restore(self, path: Path) -> None:
        """Go on from a written state."""
        state = torch.load(path, map_location=self.x.device, weights_only=True)
        self.epoch, self.losses = state["epoch"], [losses.cpu() for losses in state["losses"]]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, saved in zip(self.generators, state["generators"], strict=True):
            generator.set_state(saved.cpu())
        torch.set_rng_state(state["drawn"].cpu())
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.best_weights = state["best_weights"]

    def _shuffled(self) -> Tensor:
        """Return each member's training rows in a new order, shape (members, steps, width)."""
        order = torch.zeros_like(self.train)
        for number, (generator, count) in enumerate(zip(self.generators, self.order.counts, strict=True)):
            order[number, :count] = torch.randperm(count, generator=generator)
        rows = self.train.gather(1, order)
        return rows.gather(1, self.order.places).view(len(rows), *self.weight.shape[1:])


@dataclass(frozen=True)
class _Order:
    counts: list[int]
    """Training rows of each member."""
    places: Tensor
    """Which of its shuffled rows a member takes, shape (members, steps * width)."""


def _even_steps(counts: Sequence[int], schedule: Schedule) -> tuple[_Order, Tensor]:
    """Divide each member's rows evenly among the steps of an epoch, so that all members take every step.

    Returns:
        places in the shuffled rows, and weights (members, steps, width) that sum to 1 over each step's rows.
    """
    steps = schedule.steps or max(1, -(-max(counts) // schedule.batch_size))
    steps = min(steps, *counts) if len(counts) > 1 else min(steps, counts[0])
    width = -(-max(counts) // steps)
    places = torch.zeros(len(counts), steps, width, dtype=torch.long)
    weight = torch.zeros(len(counts), steps, width)
    for number, count in enumerate(counts):
        for step, part in enumerate(np.array_split(np.arange(count), steps)):
            places[number, step, : len(part)] = torch.as_tensor(part)
            weight[number, step, : len(part)] = 1.0 / len(part)
    return _Order(list(counts), places.flatten(1)), weight


def _clip_each(network: nn.Module, limit: float) -> None:
    """Scale down the gradient of every member whose norm exceeds ``limit``."""
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    norm = torch.stack([gradient.flatten(1).square().sum(dim=1) for gradient in gradients]).sum(dim=0).sqrt()
    factor = (limit / norm.clamp(min=1e-12)).clamp(max=1.0)  # (members,)
    for gradient in gradients:
        gradient.mul_(factor.view(-1, *[1] * (gradient.ndim - 1)))
