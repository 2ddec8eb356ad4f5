"""What the tracking has to know of a configuration."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from remanence.tracking.options import Tracking


class RecordedPaths(Protocol):
    """Where files are written."""

    outputs: str


class RecordedSweep(Protocol):
    """Which study a run belongs to."""

    name: str | None
    """None outside a sweep."""
    trial: int | None


class Recorded(Protocol):
    """A checked configuration."""

    config: str | None
    """Name of the experiment's file."""
    name: str | None
    fork: str | None
    model: dict[str, Any]
    tracking: Tracking
    plain: Mapping[str, Any]
    """All of it as plain values, to be stored and hashed."""

    @property
    def paths(self) -> RecordedPaths:
        """Where files are written."""

    @property
    def sweep(self) -> RecordedSweep:
        """Which study the run belongs to."""

    @property
    def file_keys(self) -> Collection[str]:
        """Dotted keys whose values name what is read."""

    @property
    def keeps_pruned(self) -> bool:
        """Whether the checkpoints of a pruned run stay."""
