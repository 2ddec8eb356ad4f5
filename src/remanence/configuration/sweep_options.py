"""Options of sweeps: the node ``sweep``, ``conf/pruner`` and ``conf/hydra/sweeper``."""

from typing import Annotated, Any, Literal

from pydantic import Field

from remanence.foundation.constraints import Count, Index, NonNegative, Seed, node


@node
class Sweep:
    """The study and the trial that a run belongs to."""

    name: Annotated[str, Field(pattern=r"^\w[\w.\-]*(/\w[\w.\-]*)*$")] | None
    storage: str | None
    trial: Index | None


@node
class _Reporting:
    """Keys of every pruner except ``none``."""

    every: Count
    keep_checkpoints: bool


@node
class NoPruner:
    """``conf/pruner/none.yaml``."""

    kind: Literal["none"]


@node
class Median(_Reporting):
    """``conf/pruner/median.yaml``."""

    kind: Literal["median"]
    n_startup_trials: Index
    warmup: Annotated[float, Field(ge=0, lt=1)]
    max_epochs: Count


@node
class SuccessiveHalving(_Reporting):
    """``conf/pruner/asha.yaml``."""

    kind: Literal["asha"]
    min_resource: Count
    reduction_factor: Annotated[int, Field(ge=2)]
    min_early_stopping_rate: Index


@node
class Hyperband(_Reporting):
    """``conf/pruner/hyperband.yaml``."""

    kind: Literal["hyperband"]
    min_resource: Count
    max_resource: Count
    reduction_factor: Annotated[int, Field(ge=2)]


@node
class Patience(_Reporting):
    """``conf/pruner/patience.yaml``."""

    kind: Literal["patience"]
    patience: Index
    min_delta: NonNegative
    n_startup_trials: Index
    warmup: Annotated[float, Field(ge=0, lt=1)]
    max_epochs: Count


Pruner = Annotated[NoPruner | Median | SuccessiveHalving | Hyperband | Patience, Field(discriminator="kind")]


@node
class Sweeper:
    """``conf/hydra/sweeper/remanence.yaml``."""

    params: dict[str, Any]
    n_trials: Count | None
    sampler: Literal["auto", "grid", "tpe", "gp", "cmaes", "qmc", "random"]
    sampler_arguments: dict[str, Any]
    seed: Seed
    fuse: Literal["auto", "off"] | Count
    on_failure: Literal["continue", "stop"]
    max_failures: Index | None
