"""The outcome of a trial, as plain values for the study, for tables and for other processes."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from remanence.errors import ChangedFile, UnknownObjective
from remanence.foundation.first_line import first_line
from remanence.tracking.address import without_secrets

KILLED = "killed"
TAKEN_OVER = "taken over"
TRACKING_LOST = "tracking lost"
CHANGED_FILE = "changed file"
UNKNOWN_OBJECTIVE = "unknown objective"


@dataclass(frozen=True)
class Outcome:
    """How a trial ended; only plain values, so that it can be sent between processes."""

    state: Literal["ok", "pruned", "failed", "skipped"]
    """``skipped`` means that the values come from an earlier run of the same configuration."""
    values: tuple[float, ...] = ()
    """Values of the objectives."""
    kind: str = ""
    """Kind of a failure: ``diverged``, ``out of memory``, ``killed``, …, or the name of an exception."""
    message: str = ""
    run: str | None = None
    """Id of the trial's run; None if it has no run."""
    name: str = ""
    seconds: float = 0.0
    epochs: int | None = None

    @classmethod
    def of_values(cls, values: Mapping[str, float]) -> "Outcome":
        """Return the outcome of a trial that trained to its end; it is a failure if an objective is not finite."""
        for name, value in values.items():
            if not math.isfinite(value):
                return cls("failed", kind="diverged", message=f"{name} is {value}")
        return cls("ok", tuple(values.values()))

    @classmethod
    def of_exception(cls, error: BaseException) -> "Outcome":
        """Return the outcome of a trial that an exception has ended."""
        return cls("failed", kind=_kind(error), message=without_secrets(first_line(error)))

    def with_run(self, found: Any) -> "Outcome":
        """Return this outcome with id, name and epochs of the trial's MLflow run.

        Args:
            found: the MLflow run; None returns the outcome unchanged.
        """
        if found is None:
            return self
        return self.of_run(found.info.run_id, found.info.run_name, found.data.tags)

    def of_run(self, run_id: str, name: str, tags: Mapping[str, str]) -> "Outcome":
        """Return this outcome with id, name and epochs of the trial's run, the last from the tags of the run."""
        epochs = tags.get("remanence.epochs")
        return replace(self, run=run_id, name=name, epochs=None if epochs is None else int(epochs))


def _kind(error: BaseException) -> str:
    name = type(error).__name__  # by name, because the process that checks a command imports neither torch nor MLflow
    text = str(error)  # an error in another process of the training arrives here only as text
    if isinstance(error, MemoryError) or name == "OutOfMemoryError" or re.search("out of memory|: MemoryError", text):
        return "out of memory"
    if name == "RankError" and "was killed by" in text:
        return KILLED
    if name == "ClaimLost":
        return TAKEN_OVER
    if name in ("TrackingLost", "ServerAway"):
        return TRACKING_LOST
    if isinstance(error, ChangedFile):
        return CHANGED_FILE
    if isinstance(error, UnknownObjective):
        return UNKNOWN_OBJECTIVE
    return "diverged" if isinstance(error, FloatingPointError) else name
