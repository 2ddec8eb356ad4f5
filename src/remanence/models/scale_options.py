"""Options of ``conf/model/nested_ae*.yaml``: the parts of one scale of a chain.

Keys that are left out take the defaults here. ``conf/model/scale/default.yaml`` has the same defaults with their
reasons.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from remanence.foundation.constraints import Count, NonNegative, Positive, Share, node

Activation = Literal["tanh", "relu", "silu", "gelu", "sigmoid", "linear"]
Output = Literal["linear", "tanh", "relu", "arctanh"]
Loss = Literal["mae", "mse", "huber"]


@node
class Encoder:
    """Encoder from a scale's own inputs and its parents' latents to its latents."""

    hidden: list[Count] = field(default_factory=lambda: [64])
    activation: Activation = "silu"
    output: Output = "linear"
    dropout: Share = 0.0
    init: Literal["default", "xavier_normal", "xavier_uniform", "kaiming_normal"] = "xavier_normal"
    variational: bool = False


@node
class Regression:
    """Head from latents to measured numbers."""

    kind: Literal["regression"]
    columns: Annotated[list[str], Field(min_length=1)]
    loss: Loss = "mae"
    weight: NonNegative = 1.0
    hidden: list[Count] = field(default_factory=lambda: [64])
    activation: Activation = "silu"
    dropout: Share = 0.0
    output: Output = "linear"
    transform: Literal["none", "asinh"] = "none"


@node
class Classification:
    """Head from latents to a category, or to fractions that sum to 1, trained with softmax and cross-entropy."""

    kind: Literal["classification"]
    columns: Annotated[list[str], Field(min_length=1)]
    weight: NonNegative = 1.0
    hidden: list[Count] = field(default_factory=lambda: [64])
    activation: Activation = "silu"
    dropout: Share = 0.0


@node
class Decoder:
    """Decoder from latents to the scale's own inputs and its parents' latents; categories by cross-entropy."""

    hidden: list[Count] = field(default_factory=list)
    activation: Activation = "silu"
    loss: Loss = "mae"
    weight: NonNegative = 0.1
    parents_weight: NonNegative = 0.1


@node
class Regularizers:
    """Weights of the penalties that are added to the loss."""

    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
    correlation: NonNegative = 0.0
    kl: NonNegative = 0.0


@node
class ScaleTraining:
    """Training options of one scale; None takes the option of the run."""

    lr: Positive | None = None
    batch_size: Count | None = None
    max_epochs: Count | None = None


Head = Annotated[Regression | Classification, Field(discriminator="kind")]


@node
class Scale:
    """One scale: its table, the columns it takes, its parents in the chain, and its networks."""

    data: str
    inputs: Annotated[list[str], Field(min_length=1)]
    latent_dim: Count
    parents: list[str] = field(default_factory=list)
    join: dict[str, str] = field(default_factory=dict)
    encoder: Encoder = field(default_factory=Encoder)
    heads: dict[str, Head] = field(default_factory=dict)
    decoder: Decoder = field(default_factory=Decoder)
    regularizers: Regularizers = field(default_factory=Regularizers)
    gaussian_process: bool = False
    blend: list[str] = field(default_factory=list)
    training: ScaleTraining = field(default_factory=ScaleTraining)


_SCALES = TypeAdapter(dict[str, Scale])


def read_scales(scales: Mapping[str, Any]) -> dict[str, Scale]:
    """Return the scales of a checked configuration, with defaults filled in."""
    # read as JSON, because in Python mode pydantic's strict mode accepts instances of the schema only
    return _SCALES.validate_json(json.dumps(scales))
