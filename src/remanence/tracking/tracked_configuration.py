"""The parts of a configuration that the tracking reads."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from remanence.tracking.options import Tracking


class TrackedPaths(Protocol):
    """Folders that files are written to."""

    outputs: str


class TrackedSweep(Protocol):
    """The study and the trial that a run belongs to."""

    name: str | None
    """Name of the study; None outside a sweep."""
    trial: int | None


class TrackedConfiguration(Protocol):
    """A checked configuration, as far as the tracking reads it."""

    config: str | None
    """Name of the experiment's file in ``conf``."""
    name: str | None
    fork: str | None
    model: dict[str, Any]
    tracking: Tracking
    plain: Mapping[str, Any]
    """The whole configuration as plain values, to be stored and hashed."""

    @property
    def paths(self) -> TrackedPaths:
        """Folders that files are written to."""

    @property
    def sweep(self) -> TrackedSweep:
        """The study and the trial that the run belongs to."""

    figure_style: str | None
    """Path of the user's style sheet of figures."""

    @property
    def figure_formats(self) -> tuple[str, ...]:
        """Endings of the files of a figure, PNG first."""

    @property
    def file_keys(self) -> Collection[str]:
        """Dotted keys whose values are paths from which data are read."""

    @property
    def keeps_pruned(self) -> bool:
        """Whether the checkpoints of a pruned run are kept."""
