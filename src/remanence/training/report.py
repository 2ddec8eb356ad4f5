"""Asking while a network trains whether it should go on; without Lightning, so that a run's lifecycle can know it."""

from collections.abc import Callable, Mapping

Report = Callable[[Mapping[str, float], int], bool]
"""Takes all metrics of an epoch and the epoch, counted from 0; True if the training should stop."""


class Pruned(Exception):  # noqa: N818  not an error
    """The training was stopped because others are better.

    Args:
        epochs: trained so far.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__(f"pruned after {epochs} epochs")
        self.epochs = epochs
