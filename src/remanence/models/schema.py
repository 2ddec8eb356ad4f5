"""Schemas of ``conf/model``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.schema import Count, NonNegative, Positive, Seed, configures


@configures("remanence.models.dnn.DNN")
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


@configures("remanence.models.linear.Linear")
class Linear:
    """``conf/model/linear.yaml``."""


@configures("remanence.models.random_forest.RandomForest")
class RandomForest:
    """``conf/model/random_forest.yaml``."""

    n_estimators: Count
    max_depth: Count | None
    min_samples_leaf: Count
    seed: Seed


@configures("remanence.models.extra_trees.ExtraTrees")
class ExtraTrees(RandomForest):
    """``conf/model/extra_trees.yaml``."""


@configures("remanence.models.ridge.Ridge")
class Ridge:
    """``conf/model/ridge.yaml``."""

    alphas: Annotated[list[Positive], Field(min_length=1)]


@configures("remanence.models.svr.SVR")
class SVR:
    """``conf/model/svr.yaml``."""

    c: Positive
    epsilon: NonNegative
    gamma: Positive | Literal["scale", "auto"]


@configures("remanence.models.gaussian_process.GaussianProcess")
class GaussianProcess:
    """``conf/model/gaussian_process.yaml``."""

    restarts: Annotated[int, Field(ge=0)]
    seed: Seed
