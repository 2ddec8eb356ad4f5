"""A Lightning logger that logs nothing, and by which checkpoints know the run and the time of its fit."""

import time
from typing import Any

from pytorch_lightning.loggers.logger import Logger


class FitClock(Logger):
    """Logger of a network beside the run's own, whose curves would stand among those of the run.

    Args:
        run: id of the run.
        before: seconds that earlier parts of the training took.
    """

    def __init__(self, run: str, *, before: float = 0.0) -> None:
        super().__init__()
        self._run, self.fitted_before = run, before
        self._began = time.monotonic()

    @property
    def name(self) -> str:
        """Always ``clock``."""
        return "clock"

    @property
    def version(self) -> str:
        """The run id."""
        return self._run

    @property
    def fit_seconds(self) -> float:
        """Time that all parts of the training took, in seconds; this part began with this logger."""
        return self.fitted_before + time.monotonic() - self._began

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def log_metrics(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""
