"""A whole configuration: each room's nodes, and the keys that belong to no group."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from remanence.configuration.marked_keys import names_file
from remanence.configuration.sweep_options import Pruner, Sweep
from remanence.foundation.constraints import Count, Seed, node
from remanence.tracking.options import Tracking
from remanence.tracking.parameters import flatten
from remanence.training.options import Augmentation, BetaSchedule, Callbacks, Ensemble, Trainer

Direction = Literal["minimize", "maximize"]


@node
class Paths:
    """Where files are written."""

    outputs: str


@node
class Train:
    """``conf/train.yaml``; ``data``, ``model`` and ``baselines`` are checked by what their ``_target_`` takes."""

    config: str | None
    name: str | None
    seed: Seed
    fork: str | None
    objective: str | Annotated[list[str], Field(min_length=1)]
    objective_direction: Direction | list[Direction]
    figures: Literal["full", "brief"]
    allowed_targets: list[str]
    n_jobs: Count
    sweep: Sweep
    pruner: Pruner
    paths: Paths
    ensemble: Ensemble
    augmentation: Augmentation
    beta_schedule: BetaSchedule
    trainer: Trainer
    callbacks: Callbacks
    tracking: Tracking
    data: dict[str, Any]
    model: dict[str, Any]
    baselines: dict[str, dict[str, Any]]


class Configuration(Train):
    """A checked configuration: ``cfg.trainer.max_epochs``, and its plain values for what is stored or hashed."""

    plain: Mapping[str, Any]
    """As composed and resolved."""

    @property
    def file_keys(self) -> frozenset[str]:
        """Dotted keys whose values name what is read: where it is says nothing about what it is."""
        return frozenset(key for key, _ in flatten(self.data, "data") if names_file(key))

    @property
    def keeps_pruned(self) -> bool:
        """Whether the checkpoints of a run stay that is stopped because others are better."""
        return bool(getattr(self.pruner, "keep_checkpoints", True))
