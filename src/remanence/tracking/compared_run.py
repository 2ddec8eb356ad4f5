"""What the comparison of runs reads of a run, whether MLflow or ``stored_runs`` found it."""

from collections.abc import Mapping
from typing import Protocol

COMPARED_TAG = "remanence.compared"
"""Tag with the metrics by which a run is compared with others, separated by spaces."""


class ComparedInfo(Protocol):
    """Identity and state of a run."""

    @property
    def run_id(self) -> str:
        """Id."""

    @property
    def run_name(self) -> str:
        """Name."""

    @property
    def status(self) -> str:
        """Status in MLflow."""

    @property
    def experiment_id(self) -> str:
        """Id of the MLflow experiment."""

    @property
    def artifact_uri(self) -> str:
        """Address of the files that the run has logged."""


class ComparedData(Protocol):
    """What a run logged."""

    @property
    def params(self) -> Mapping[str, str]:
        """Dotted key to value as text."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Name to the last value."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Name to value."""


class ComparedRun(Protocol):
    """A run."""

    @property
    def info(self) -> ComparedInfo:
        """Identity and state."""

    @property
    def data(self) -> ComparedData:
        """What was logged."""
