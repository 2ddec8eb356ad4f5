"""Options of a training; their defaults and the reasons for them stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.constraints import Count, Fraction, Index, NonNegative, Positive, Seed, node


@node
class Trainer:
    """Arguments of ``pytorch_lightning.Trainer``, and whether a run says where its time goes."""

    max_epochs: Count
    accelerator: Literal["cpu", "gpu", "cuda", "mps", "auto"]
    devices: Count | Literal["auto"] | Annotated[list[Index], Field(min_length=1)]
    num_nodes: Count
    strategy: Literal["auto", "ddp", "ddp_find_unused_parameters_true", "fsdp"]
    precision: Literal["32-true", "16-mixed", "bf16-mixed"]
    gradient_clip_val: Positive | None
    deterministic: bool
    enable_progress_bar: bool
    profile: bool = False


@node
class Callbacks:
    """Options of early stopping and of the checkpoints."""

    monitor: str
    mode: Literal["min", "max"]
    patience: Count | None
    min_delta: NonNegative
    checkpoint_seconds: NonNegative


@node
class Ensemble:
    """Options of ``conf/ensemble``: how many networks share the rows outside the test."""

    folds: Count
    repeats: Count
    coverage: Fraction
    per_target: bool
    intervals: Literal["own", "constant"] = "constant"
    epochs: Literal["others", "own"] = "own"
    passes: Literal["written", "autograd"] = "autograd"


@node
class Augmentation:
    """Options of the rows that are drawn for a second training."""

    kind: Literal["none", "noise", "normal"]
    n_augmented: Index
    sigma: Positive
    seed: Seed


@node
class Blend:
    """Options of ``conf/blend``: the baselines whose predictions are averaged with those of the networks."""

    baselines: list[str]
    weights: dict[str, Positive] | None


@node
class _AnySchedule:
    """Keys that every schedule has."""

    warmup_epochs: Index
    stage_epochs: Count
    share: Fraction
    l1: bool
    l1_in_warmup: bool
    reset_optimizer: bool
    reload_best: bool
    wanted: Count | None
    refine_epochs: Index
    refine_from: Positive | None
    refine_to: Positive
    cosine: bool


@node
class NoSchedule:
    """Options of ``conf/beta_schedule/none.yaml``."""

    kind: Literal["none"]
    cosine: bool


@node
class Staged(_AnySchedule):
    """Options of ``conf/beta_schedule/staged.yaml`` and of the paper's schedules."""

    kind: Literal["staged"]
    step: Positive | None
    free_nats: NonNegative = 0.0
    weights: Literal["best", "last"] = "best"
    number: Literal["dimension", "persistence"] = "persistence"


@node
class Linear(_AnySchedule):
    """Options of ``conf/beta_schedule/linear.yaml``."""

    kind: Literal["linear"]
    peak: Positive
    free_nats: NonNegative = 0.0
    weights: Literal["best", "last"] = "best"
    number: Literal["dimension", "persistence"] = "persistence"


@node
class Cyclical(_AnySchedule):
    """Options of ``conf/beta_schedule/cyclical.yaml``."""

    kind: Literal["cyclical"]
    peak: Positive
    cycle_epochs: Count
    free_nats: NonNegative = 0.0
    weights: Literal["best", "last"] = "best"
    number: Literal["dimension", "persistence"] = "persistence"


BetaSchedule = Annotated[NoSchedule | Staged | Linear | Cyclical, Field(discriminator="kind")]
