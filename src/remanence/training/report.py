"""How a training is asked to stop early; without Lightning, so that the lifecycle of a run can import it."""

from collections.abc import Callable, Mapping

Report = Callable[[Mapping[str, float], int], bool]
"""Function of all metrics of an epoch and of the epoch, counted from 0; True if the training should stop."""


class Pruned(Exception):  # noqa: N818  not an error
    """The training was stopped because other trials are better.

    Args:
        epochs: number of epochs trained so far.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__(f"pruned after {epochs} epochs")
        self.epochs = epochs
