"""The schema of a whole configuration: each room's schemas, and the keys that belong to no group."""

from typing import Annotated, Any, Literal

from pydantic import Field

from remanence.configuration.sweep_schema import Pruner, Sweep
from remanence.data import schema as _data  # noqa: F401  registers
from remanence.data.nested import schema as _chains  # noqa: F401  registers
from remanence.data.spectra import schema as _spectra  # noqa: F401  registers
from remanence.foundation.schema import Count, Seed, node
from remanence.models import nested_schema as _nested  # noqa: F401  registers
from remanence.models import schema as _models  # noqa: F401  registers
from remanence.models import unmixing_schema as _unmixing  # noqa: F401  registers
from remanence.tracking.schema import Tracking
from remanence.training.schema import Augmentation, BetaSchedule, Callbacks, Ensemble, Trainer

Direction = Literal["minimize", "maximize"]


@node
class Paths:
    """Where files are written."""

    outputs: str


@node
class Train:
    """``conf/train.yaml``; ``data``, ``model`` and ``baselines`` are checked by the schema of their ``_target_``."""

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
