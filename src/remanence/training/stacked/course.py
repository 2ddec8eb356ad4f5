"""The course of one stacked training: the networks of its members, and how far each of them has come."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from remanence.models.stacked import select, stack, unstack
from remanence.training.checkpoint_file import read_checkpoint, write_checkpoint
from remanence.training.random_state import generator_states, restore_generators, undisturbed
from remanence.training.report import Pruned
from remanence.training.stacked.member_states import join, on_cpu, part
from remanence.training.stacked.members import ALL_TARGETS
from remanence.training.stacked.stackable import untrained
from remanence.training.stacked.stacked_training import StackedResult, StackedTraining
from remanence.training.stamp import KEY

ALONE_WEIGHTS = "alone"
"""Key of a checkpoint with the best weights of a network that Lightning would train alone."""


class Course:
    """State of a training between two epochs, which can be written and restored.

    Args:
        asked: the training.
    """

    shuffled: Sequence[torch.Generator]
    """Generator of the order of rows, one for each member; the training that the course is in provides them."""
    drawn: Sequence[torch.Generator]
    """Generator of what a member draws while it trains, one for each member."""

    def __init__(self, asked: StackedTraining) -> None:
        self.asked, self.schedule, self.ranks = asked, asked.schedule, asked.ranks
        device, dtype, members = torch.device(self.schedule.device), self.schedule.dtype, asked.members
        self.whole: Any = stack([untrained(asked.build, asked.x, asked.y, one, dtype) for one in members], asked.form)
        if asked.adapt is not None:
            asked.adapt(self.whole, torch.as_tensor(asked.x, dtype=dtype), members)
        self.first_target = torch.tensor([member.target in (ALL_TARGETS, 0) for member in members])
        self.own = self.ranks.share(len(members))
        self.network: Any = (self.whole if self.ranks.size == 1 else select(self.whole, self.own)).to(device)
        torch.manual_seed(members[self.own[0]].seed)  # for what is drawn outside the members' own steps
        self.optimizer = self.network.configure_optimizers()
        self.epoch, self.pruned, self.all_stopped = 0, False, False
        self.error: Exception | None = None
        self.logged = -1
        self.best = torch.full((len(self.own),), torch.inf, dtype=dtype, device=device)
        self.best_epoch = torch.zeros(len(self.own), dtype=torch.long, device=device)
        self.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.losses: list[Tensor] = []  # of all members, one (2, members) per epoch
        self.shuffled = [torch.Generator().manual_seed(members[number].seed) for number in self.own]
        if asked.order is not None:
            self.shuffled = [torch.Generator().set_state(asked.order.get_state())]
        self.drawn = [torch.Generator(device).manual_seed(members[number].seed) for number in self.own]

    @property
    def tells_errors(self) -> bool:
        """Whether errors are told that can be compared between loss functions."""
        return self.asked.report is not None or self.asked.order is not None

    @property
    def is_over(self) -> bool:
        """Whether the training is over, in this process and in all others."""
        return self.epoch >= self.schedule.max_epochs or self.all_stopped or self.pruned or self.error is not None

    def log_later(self, metrics: dict[str, float], epoch: int) -> None:
        """Log an epoch, unless it is logged: a training that begins again repeats some, and no point stands twice."""
        if epoch > self.logged:
            self.asked.log(metrics, epoch)

    def step(self) -> None:
        """Take a step of the optimizer."""
        self.clip()
        self.optimizer.step()

    def clip(self) -> None:
        """Scale down the gradient of every member that is too long."""
        if self.schedule.clip is not None:
            _clip_each([one.grad for one in self.network.parameters() if one.grad is not None], self.schedule.clip)

    def note(self, values: Tensor) -> dict[str, float]:
        """Note what an epoch has brought, and return its metrics, which are means over members.

        Args:
            values: training loss, validation loss and whether it has stopped of each member, and if they are asked for
                the squared and the absolute errors of its first target; shape (3 or 5, all members).
        """
        self.losses.append(values[:2].clone())  # a view would keep the values of other trainings, too
        self.all_stopped = bool(values[2].all())
        errors = ("val/mse", "val/mae") if self.asked.order is None else ("val/mse",)  # as a network alone logs
        means = values[3:, self.first_target].mean(dim=1).tolist() if len(values) > 3 else []
        named = dict(zip(errors, means, strict=False))
        train_loss, val_loss = values[:2].mean(dim=1).tolist()
        return {"train/loss": train_loss, "val/loss": val_loss, **named}

    def end(self) -> StackedResult:
        """Write the last checkpoint, and return all members with their best weights.

        Raises:
            Pruned: if a report has ended the training.
            FloatingPointError: if it diverged.
        """
        if self.error is not None:
            raise self.error
        if self.asked.order is not None:
            self.asked.order.set_state(self.shuffled[0].get_state())
        if self.schedule.checkpoint is not None:
            self.write(self.schedule.checkpoint)
        if self.pruned:
            raise Pruned(self.epoch)
        own = {"best": self.best, "best_epoch": self.best_epoch, "weights": self.best_weights}
        found = join(self.ranks.gather(on_cpu(own)))
        if not torch.isfinite(found["best"]).all():
            raise FloatingPointError("training diverged: a member never had a finite loss; try a smaller model.lr")
        self.whole.cpu()
        for weight in self.whole.parameters():  # those of a joined network are views of the weights of all
            weight.data, weight.grad = weight.data.clone(), None
        self.whole.load_state_dict(found["weights"])
        losses = torch.stack(self.losses).double().numpy()  # (epochs, 2, members)
        return StackedResult(self.whole, found["best_epoch"].numpy(), losses[:, 0], losses[:, 1])

    def write(self, path: Path) -> None:
        """Write the state of all members; the file appears whole or not at all."""
        own = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": torch.stack([generator.get_state() for generator in self.shuffled]),
            "member_draws": torch.stack([generator.get_state() for generator in self.drawn]),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }
        if self.asked.order is not None:
            own[ALONE_WEIGHTS] = self._best_weights_alone()
        common = {"epoch": self.epoch, "losses": self.losses, "pruned": self.pruned, **self.schedule.stamp()}
        drawn = self.ranks.gather(generator_states())
        members = join(self.ranks.gather(on_cpu(own)))
        if self.ranks.rank == 0:
            write_checkpoint({**common, **members, "drawn": drawn}, path)

    def _best_weights_alone(self) -> dict[str, Tensor]:
        """Return the best weights of a network that Lightning would train alone, as that network names them."""
        best = select(self.network, [0])
        best.load_state_dict(self.best_weights)
        with undisturbed():
            network: Any = self.asked.build()
        unstack(best, 0, network)
        return dict(network.state_dict())

    def restore(self, path: Path) -> None:
        """Restore a written state, whatever number of processes wrote it."""
        state = read_checkpoint(path)
        self.epoch, self.losses, self.pruned = state["epoch"], state["losses"], state["pruned"]
        common = ("epoch", "losses", "pruned", "drawn", KEY, ALONE_WEIGHTS)
        mine = part({key: value for key, value in state.items() if key not in common}, self.own)
        self.network.load_state_dict(mine["network"])
        self.optimizer.load_state_dict(mine["optimizer"])
        for generator, saved in zip(self.shuffled, mine["generators"], strict=True):
            generator.set_state(saved.clone())  # cloned, as torch crashes on a view of a larger tensor
        for generator, saved in zip(self.drawn, mine.get("member_draws", ()), strict=False):  # older files lack it
            if saved.shape == generator.get_state().shape:  # a GPU's generator cannot take the state of a CPU's
                generator.set_state(saved.clone())
        restore_generators(state["drawn"], self.ranks)
        device = self.best.device
        self.best, self.best_epoch = mine["best"].to(device), mine["best_epoch"].to(device)
        self.best_weights = {name: value.to(device) for name, value in mine["best_weights"].items()}
        final = self.schedule.is_final(self.best_epoch, self.epoch)
        self.all_stopped = all(bool(stopped.all()) for stopped in self.ranks.gather(final.cpu()))


def _clip_each(gradients: Sequence[Tensor], limit: float) -> None:
    """Scale down the gradient of every member whose norm exceeds ``limit``; the first axis of each is the members."""
    squares = [gradient.reshape(len(gradient), -1).square().sum(dim=1) for gradient in gradients]  # (members,) each
    norm = torch.stack(squares).sum(dim=0).sqrt()
    factor = (limit / norm.clamp(min=1e-12)).clamp(max=1.0)  # (members,)
    for gradient in gradients:
        gradient.mul_(factor.view(-1, *[1] * (gradient.ndim - 1)))
