"""A Lightning logger that writes to an existing run and sends metrics in few large batches."""

import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from typing import Any

from lightning_utilities.core.rank_zero import rank_zero_only
from mlflow.entities import Metric
from pytorch_lightning.loggers.logger import Logger

from remanence.tracking.client import RunClient
from remanence.tracking.limits import METRICS_PER_CALL


class RunLogger(Logger):
    """Buffers metrics by epoch and sends them every few seconds, as one call costs as much as training an epoch.

    The logger neither creates the run nor ends it; ``tracking.lifecycle`` owns the run's status.

    Args:
        client: client of the run.
        run_id: id of an existing run.
        after: metric to the last step that is already logged. A resumed training repeats some epochs; points up to
            this step are not sent again. Each metric has its own step, because every scale of a chain begins at
            epoch 0.
        seconds: least time between two sendings, in seconds.
        fitted_before: seconds that earlier parts of the run were fitted.
        on_epoch: function that is called with the epoch of each logged set of metrics, counted from 0; for a progress
            bar.
    """

    def __init__(
        self,
        client: RunClient,
        run_id: str,
        *,
        after: Mapping[str, int] | None = None,
        seconds: float = 3.0,
        fitted_before: float = 0.0,
        on_epoch: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._run_id = run_id
        self._after = dict(after or {})
        self._seconds = seconds
        self.fitted_before = fitted_before
        self._began = time.monotonic()
        self._on_epoch = on_epoch
        self._buffer: list[Metric] = []
        self._sent = time.monotonic()

    @property
    def name(self) -> str:
        """Always ``mlflow``; Lightning asks for a name, but the experiment is known from the run."""
        return "mlflow"

    @property
    def version(self) -> str:
        """The run id."""
        return self._run_id

    @property
    def fit_seconds(self) -> float:
        """Time that all parts of the run have been fitted, in seconds; this part began with this logger."""
        return self.fitted_before + time.monotonic() - self._began

    @rank_zero_only
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the whole configuration was logged when the run started."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Buffer metrics by epoch instead of step, so that networks with different batch sizes share an axis."""
        values = dict(metrics)
        epoch = int(values.pop("epoch", step or 0))
        now = int(time.time() * 1000)
        self._buffer += [
            Metric(key, float(value), now, epoch) for key, value in values.items() if epoch > self._after.get(key, -1)
        ]
        if self._on_epoch is not None:
            self._on_epoch(epoch)
        if len(self._buffer) >= METRICS_PER_CALL or time.monotonic() - self._sent >= self._seconds:
            self.flush()

    @rank_zero_only
    def flush(self) -> None:
        """Send the buffered metrics."""
        while self._buffer:
            self._client.log_batch(self._run_id, metrics=self._buffer[:METRICS_PER_CALL])
            del self._buffer[:METRICS_PER_CALL]  # only after the call, so that a failed call loses no points
        self._client.deliver()  # a training that is resumed does not repeat these epochs
        self._sent = time.monotonic()

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Send the remaining metrics.

        Lightning calls this at the end of ``fit``, also after an error; an error here must not hide the first one.
        """
        with nullcontext() if status == "success" else suppress(Exception):
            self.flush()
