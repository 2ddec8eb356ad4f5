"""Whether the steps of Adam may be fused: one pass over all weights instead of ten."""

from pytorch_lightning import LightningModule

MANY_WEIGHTS = 100_000
"""Number of weights from which on most of a training on a small table is spent in the steps.

With fewer, steps stay as they were, so that a stored run is trained again to the last digit. Stacked dense networks
take fused steps whatever their size, see ``training.stacked.flat_adam``.
"""


def has_many_weights(network: LightningModule) -> bool:
    """Return whether a network, or a stack of them, has so many weights that fused steps matter."""
    return sum(weight.numel() for weight in network.parameters()) >= MANY_WEIGHTS


def takes_fused_steps(network: LightningModule) -> bool:
    """Return whether Adam may take fused steps with a network, in a trainer or in none.

    Fused steps take a third to a sixth of the time. With mixed precision, Lightning cannot clip the gradients of a
    fused optimizer.
    """
    try:
        return not str(network.trainer.precision).endswith("mixed")
    except RuntimeError:  # without a trainer there is no mixed precision
        return True
