"""Fitting of a chain scale by scale: each scale is trained on its own rows, on top of the frozen finer scales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.models.ensemble import Ensemble
from remanence.models.nested_ae import NestedAE
from remanence.models.scale_options import Scale, read_scales
from remanence.models.stacked import select
from remanence.studies.chain.blend_gaussian_process import blend_gaussian_process
from remanence.training.fitted import Fitted
from remanence.training.initial_weights import beginning_with
from remanence.training.stacked.members import Member
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.stacked.stacked_training import Schedule

PROCESS = "process"
"""Part of the names of metrics of the Gaussian process of a scale."""


@dataclass
class FittedChain:
    """The fit of every scale; finer scales come first."""

    fits: dict[str, Fitted]
    networks: dict[str, Fitted]
    """For each scale that is blended with a Gaussian process or with baselines, the fit of its networks alone."""
    shares: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """For each of these scales, the share of each part beside the networks (``process``, baselines) in each target."""

    def ensemble(self, scale: str) -> Ensemble:
        """Return the networks of all folds and members of a scale."""
        model: Any = self.fits[scale].model
        return getattr(model, "ensemble", model)  # type: ignore[no-any-return]

    def reference(self, scale: str) -> int:
        """Return the member with the lowest validation loss; latents of different members cannot be compared."""
        members = self.fits[scale].members
        assert members is not None  # every stacked fit has members
        best = members["val_loss"].to_numpy(dtype=np.float64).argmin()  # a member has one row per target
        return int(members["member"].iloc[best])

    @property
    def stack(self) -> int:
        """Number of runs whose networks were trained as one, in the scale where most were."""
        return max(fitted.stack for fitted in self.fits.values())

    @property
    def epochs(self) -> int:
        """Number of trained epochs, summed over all scales."""
        return sum(fitted.epochs for fitted in self.fits.values())


def fit_chain(model: NestedAE, data: OpenedChain, trainer: StackedTrainer) -> FittedChain:
    """Train the scales of an untrained chain one after the other; all folds and members of a scale train together.

    A member of a scale takes the latents of the members of the finer scales that have the same number. The weights of
    the finer scales are frozen, unless ``fine_tune_epochs`` is set. Fine-tuning changes a copy of the finer scales, so
    a coarser scale never changes what a finer scale itself predicts.

    Args:
        model: untrained chain, which gives the architecture.
        data: rows of each scale, and the folds that hold some of them out.
        trainer: trainer of the members; it writes one checkpoint per scale, and resumes from those of an interrupted
            run.
    """
    specs = read_scales(model.hparams["scales"])
    trained: dict[str, nn.Module] = {}
    fits, networks, shares = {}, {}, {}
    for name, on_scale in data.rows.items():
        part = model.ending_in(name)
        own = _for_scale(trainer, name, specs[name], on_scale)
        if on_scale is not data.coarsest:  # only the coarsest reports: it has the objective, and epochs count once
            own = replace(own, report=None)
        standing = _standing_on({finer: trained[finer] for finer in part.finer})
        fitted = own.fit(part, on_scale, adapt=beginning_with(trainer.initial.get(name), standing, finer=part.finer))
        # stored before fine-tuning: a tuned scale fits the tuned copies of its parents, not the parents in ``trained``
        trained[name] = fitted.stacked.scales[name]
        if part.finer and model.hparams["fine_tune_epochs"]:
            own = _fine_tuning(own, name, model.hparams["fine_tune_epochs"])
            tuned = own.fit(part, on_scale, adapt=_tuning(fitted.stacked))
            fitted = replace(tuned, epochs=fitted.epochs + tuned.epochs)
        fits[name] = fitted
        if specs[name].gaussian_process:
            networks[name], fits[name] = fitted, blend_gaussian_process(fitted, on_scale, coverage=trainer.coverage)
            shares[name] = {PROCESS: fits[name].model.hparams["weights"]}
    return FittedChain(fits, networks, shares)


def _standing_on(finer: Mapping[str, nn.Module]) -> Callable[[Any, Tensor, Sequence[Member]], None]:
    def adapt(network: NestedAE, x: Tensor, members: Sequence[Member]) -> None:
        training = torch.zeros(len(members), len(x))
        for number, member in enumerate(members):
            training[number, torch.as_tensor(member.train if member.scaled_on is None else member.scaled_on)] = 1.0
        network.stand_on({name: _as_many(scale, len(members)) for name, scale in finer.items()}, x, training)

    return adapt


def _as_many(scale: nn.Module, members: int) -> nn.Module:
    """Return a stacked scale with ``members`` members; if it has fewer, its members are repeated in turn."""
    there = len(next(scale.parameters()))
    return select(scale, [number % there for number in range(members)])


def _tuning(stacked: NestedAE) -> Callable[[Any, Tensor, Sequence[Member]], None]:
    def adapt(network: NestedAE, x: Tensor, members: Sequence[Member]) -> None:
        network.load_state_dict(stacked.state_dict())
        network.tune_all()

    return adapt


def _for_scale(trainer: StackedTrainer, name: str, spec: Scale, on_scale: ScaleRows) -> StackedTrainer:
    schedule = trainer.schedule
    own = replace(
        schedule,
        batch_size=on_scale.batch_size,
        max_epochs=spec.training.max_epochs or schedule.max_epochs,
        checkpoint=_checkpoint(schedule, name),
    )

    def log(metrics: dict[str, float], epoch: int) -> None:
        trainer.log({key.replace("/", f"/{name}/", 1): value for key, value in metrics.items()}, epoch)

    return replace(trainer, schedule=own, per_target=False, log=log)


def _fine_tuning(trainer: StackedTrainer, name: str, epochs: int) -> StackedTrainer:
    schedule = replace(
        trainer.schedule, max_epochs=epochs, checkpoint=_checkpoint(trainer.schedule, f"{name}_fine_tuning")
    )

    def log(metrics: dict[str, float], epoch: int) -> None:
        trainer.log({f"fine_tuning/{key}": value for key, value in metrics.items()}, epoch)

    return replace(trainer, schedule=schedule, log=log, report=None)


def _checkpoint(schedule: Schedule, name: str) -> Any:
    return None if schedule.checkpoint is None else schedule.checkpoint.with_name(f"{name}.ckpt")
