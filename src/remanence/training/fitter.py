"""What trains a network, seen from whoever starts it."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

Weights = Mapping[str, Tensor]


class Fitter(Protocol):
    """Lightning's trainer for one network, or the stacked one for several."""

    def begin_with(self, weights: Mapping[str, Weights]) -> None:
        """Begin with these weights instead of random ones; a checkpoint that is resumed from still wins.

        Args:
            weights: name of a checkpoint to the weights that its training begins with.
        """
