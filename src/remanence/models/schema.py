"""Schemas of ``conf/model``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.schema import Count, Fraction, Index, NonNegative, Positive, Seed, configures

Folds = Annotated[int, Field(ge=2)]


@configures("remanence.models.dnn.DNN", kind="table")
class DNN:
    """``conf/model/dnn.yaml``."""

    hidden: Annotated[list[Count], Field(min_length=1)]
    activation: Literal["tanh", "sigmoid", "relu", "gelu", "silu"]
    loss: Literal["mse", "smooth_l1"]
    optimizer: Literal["adam", "adamw", "sgd", "adagrad", "rmsprop"]
    lr: Positive
    weight_decay: NonNegative
    momentum: Annotated[float, Field(ge=0, lt=1)]
    bins: Count | None


@configures("remanence.models.linear.Linear", kind="table")
class Linear:
    """``conf/model/linear.yaml``."""


@configures("remanence.models.extra_trees.ExtraTrees", kind="table")
class ExtraTrees:
    """``conf/model/extra_trees.yaml``."""

    n_estimators: Count
    max_depth: Count | None
    min_samples_leaf: Count
    seed: Seed


@configures("remanence.models.random_forest.RandomForest", kind="table")
class RandomForest(ExtraTrees):
    """``conf/model/random_forest.yaml`` and its variants."""

    depths: Annotated[list[Count], Field(min_length=1)] | None


@configures("remanence.models.ridge.Ridge", kind="table")
class Ridge:
    """``conf/model/ridge.yaml``."""

    alphas: Annotated[list[Positive], Field(min_length=1)]


@configures("remanence.models.svr.SVR", kind="table")
class SVR:
    """``conf/model/svr.yaml``."""

    c: Positive
    epsilon: NonNegative
    gamma: Positive | Literal["scale", "auto"]


@configures("remanence.models.gaussian_process.GaussianProcess", kind="table")
class GaussianProcess:
    """``conf/model/gaussian_process.yaml`` and its variants."""

    ard: bool
    restarts: Index
    max_rows: Annotated[int, Field(ge=2)] | None
    seed: Seed


@configures("remanence.models.lasso.Lasso", kind="table")
class Lasso:
    """``conf/model/lasso.yaml``."""

    folds: Folds
    seed: Seed


@configures("remanence.models.nu_svr.NuSVR", kind="table")
class NuSVR:
    """``conf/model/nu_svr.yaml``."""

    kernels: Annotated[list[Literal["rbf", "poly", "sigmoid", "linear"]], Field(min_length=1)]
    cs: Annotated[list[Positive], Field(min_length=1)]
    gammas: Annotated[list[Positive], Field(min_length=1)]
    nus: Annotated[list[Fraction], Field(min_length=1)]
    folds: Folds
    search_rows: Count
    seed: Seed


@configures("remanence.models.gradient_boosting.GradientBoosting", kind="table")
class GradientBoosting:
    """``conf/model/gradient_boosting.yaml``."""

    engine: Literal["auto", "xgboost", "sklearn"]
    loss: Literal["mae", "mse"]
    lr: Positive
    depths: Annotated[list[Count], Field(min_length=1)]
    subsamples: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    max_estimators: Count
    folds: Folds
    seed: Seed
