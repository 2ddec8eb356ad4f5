"""A whole configuration: the options of all groups, and the keys that belong to no group."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from remanence.configuration.marked_keys import names_file
from remanence.configuration.sweep_options import Pruner, Sweep
from remanence.foundation.constraints import Count, Seed, node
from remanence.tracking.options import Tracking
from remanence.tracking.parameters import flatten
from remanence.training.options import Augmentation, BetaSchedule, Blend, Callbacks, Ensemble, Trainer

Direction = Literal["minimize", "maximize"]
FigureFormat = Literal["png", "pdf", "svg"]


@node
class Paths:
    """Folders that files are written to."""

    outputs: str


@node
class Train:
    """``conf/train.yaml``; ``data``, ``model`` and ``baselines`` are checked by the arguments of their classes."""

    config: str | None
    name: str | None
    seed: Seed
    fork: str | None
    objective: str | Annotated[list[str], Field(min_length=1)]
    objective_direction: Direction | list[Direction]
    figures: Literal["full", "brief"]
    figure_format: FigureFormat | Annotated[list[FigureFormat], Field(min_length=1)]
    figure_style: str | None
    allowed_targets: list[str]
    n_jobs: Count
    sweep: Sweep
    pruner: Pruner
    paths: Paths
    ensemble: Ensemble
    augmentation: Augmentation
    blend: Blend
    beta_schedule: BetaSchedule
    trainer: Trainer
    callbacks: Callbacks
    tracking: Tracking
    data: dict[str, Any]
    model: dict[str, Any]
    baselines: dict[str, dict[str, Any]]


class Configuration(Train):
    """A checked configuration, with typed values such as ``cfg.trainer.max_epochs``."""

    plain: Mapping[str, Any]
    """The composed and resolved configuration as plain values, to be stored and hashed."""

    @property
    def file_keys(self) -> frozenset[str]:
        """Dotted keys whose values are paths that data are read from; a path says nothing about the data."""
        return frozenset(key for key, _ in flatten(self.data, "data") if names_file(key))

    @property
    def figure_formats(self) -> tuple[str, ...]:
        """Endings of the files of a figure, each once; MLflow's page shows the first, PNG."""
        given = [self.figure_format] if isinstance(self.figure_format, str) else self.figure_format
        return tuple(dict.fromkeys(["png", *given]))

    @property
    def keeps_pruned(self) -> bool:
        """Whether the checkpoints of a pruned run are kept."""
        return bool(getattr(self.pruner, "keep_checkpoints", True))
