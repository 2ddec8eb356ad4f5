"""A sequence of dense layers, for encoders, decoders and heads."""

from collections.abc import Sequence

from torch import nn

from remanence.models.activation import ACTIVATIONS


def dense(
    n_in: int,
    hidden: Sequence[int],
    n_out: int,
    *,
    activation: str,
    dropout: float = 0.0,
    init: str = "default",
    output: str = "linear",
) -> nn.Sequential:
    """Return hidden layers of widths ``hidden`` and an output layer, mapping (…, n_in) to (…, n_out).

    Args:
        n_in: number of inputs.
        hidden: width of each hidden layer; may be empty.
        n_out: number of outputs.
        activation: activation after each hidden layer, one of ``ACTIVATIONS``.
        dropout: share of hidden units left out while training.
        init: initialisation of the weights: default (PyTorch's), xavier_normal, xavier_uniform or kaiming_normal.
        output: activation of the outputs.
    """
    layers: list[nn.Module] = []
    for width_in, width_out in zip([n_in, *hidden], hidden, strict=False):
        layers += [nn.Linear(width_in, width_out), ACTIVATIONS[activation]()]
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(hidden[-1] if hidden else n_in, n_out))
    if output != "linear":
        layers.append(ACTIVATIONS[output]())
    for layer in layers:
        if isinstance(layer, nn.Linear) and init != "default":
            getattr(nn.init, f"{init}_")(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)
