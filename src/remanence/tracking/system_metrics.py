"""CPU, memory and GPU load of this machine, sampled while a run trains."""

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from remanence.tracking.client import ClaimLost
from remanence.tracking.run import Run

INTERVAL = 5.0
"""Seconds between two samples."""


class LoadMonitor(SystemMetricsMonitor):  # type: ignore[misc]
    """MLflow's monitor, but it logs through the client of the run.

    With its own client, MLflow's monitor stops for good at the first call that is not answered.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run.id, sampling_interval=INTERVAL, resume_logging=True)
        self.mlflow_logger.client = run.client

    def monitor(self) -> None:
        """Sample until the run ends or is taken over; if the disk is full, sampling stops but the run goes on."""
        while not self._shutdown_event.is_set():
            self.collect_metrics()
            if not self._shutdown_event.wait(self.sampling_interval):
                try:
                    self.publish_metrics(self.aggregate_metrics())
                except (OSError, ClaimLost):
                    return


@contextmanager
def system_metrics(run: Run, *, enabled: bool) -> Iterator[None]:
    """Log the load of this machine as ``system/…`` inside the block."""
    if not enabled:
        yield
        return
    monitor = LoadMonitor(run)
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()
