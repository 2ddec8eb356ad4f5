"""How a trial ended, in words that a study, a table and another process understand."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from remanence.configuration.validate import first_line
from remanence.errors import UnknownObjective

TRACKING_LOST = "tracking lost"
UNKNOWN_OBJECTIVE = "unknown objective"


@dataclass(frozen=True)
class Outcome:
    """The end of a trial; plain values, so that it travels between processes."""

    state: Literal["ok", "pruned", "failed", "skipped"]
    """``skipped``: an earlier run of the same configuration has the values already."""
    values: tuple[float, ...] = ()
    """Of the objectives."""
    kind: str = ""
    """Of a failure: ``diverged``, ``out of memory``, ``killed``, ``tracking lost`` or the name of an exception."""
    message: str = ""
    run: str | None = None
    """Id of its run; None if it got none."""
    name: str = ""
    seconds: float = 0.0
    epochs: int | None = None

    @classmethod
    def of_values(cls, values: Mapping[str, float]) -> "Outcome":
        """Return the end of a trial that trained to its end; without a number for an objective it is a failure."""
        for name, value in values.items():
            if not math.isfinite(value):
                return cls("failed", kind="diverged", message=f"{name} is {value}")
        return cls("ok", tuple(values.values()))

    @classmethod
    def of_exception(cls, error: BaseException) -> "Outcome":
        """Return the failure that an exception means."""
        return cls("failed", kind=_kind(error), message=first_line(error))

    def with_run(self, found: Any) -> "Outcome":
        """Return it with what an MLflow run says of itself."""
        if found is None:
            return self
        epochs = found.data.tags.get("remanence.epochs")
        own = {"run": found.info.run_id, "name": found.info.run_name, "epochs": None if epochs is None else int(epochs)}
        return replace(self, **own)


def _kind(error: BaseException) -> str:
    name = type(error).__name__  # the process that checks a command imports neither torch nor MLflow
    text = str(error)  # of another process of the training, only its words have come here
    if isinstance(error, MemoryError) or name == "OutOfMemoryError" or re.search("out of memory|: MemoryError", text):
        return "out of memory"
    if name == "RankError" and "was killed by" in text:
        return "killed"
    if name in ("TrackingLost", "ServerAway"):
        return TRACKING_LOST
    if isinstance(error, UnknownObjective):
        return UNKNOWN_OBJECTIVE
    return "diverged" if isinstance(error, FloatingPointError) else name
