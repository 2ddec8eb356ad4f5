"""Interface that all trainers of networks share."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

Weights = Mapping[str, Tensor]


class Fitter(Protocol):
    """A trainer: Lightning's for one network, or the stacked one for several."""

    def begin_with(self, weights: Mapping[str, Weights]) -> None:
        """Begin with these weights instead of random ones; a training that is resumed ignores them.

        Args:
            weights: name of a checkpoint to the weights that the training of that checkpoint begins with.
        """
