"""The MLflow client of a run: a server that is away does not stop the training, and nothing is lost."""

import shlex
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import DatasetInput, Metric, Param, RunTag
from mlflow.utils.time import get_current_time_millis

from remanence.tracking.delivery import deliver
from remanence.tracking.outbox import Outbox
from remanence.tracking.patience import PAUSE, is_away, knock, patiently, reason, tell

RETRY = 3.0
"""Least number of seconds between two tries while training goes on."""
SHARE = 0.1
"""Of the training that tries may cost: a server that is not there refuses at once, one that hangs takes seconds."""


class TrackingLost(RuntimeError):  # noqa: N818  it is what has happened
    """The server stayed away: what it missed is in the folder of the run, and ``remanence sync`` sends it."""

    def __init__(self, uri: str, folder: Path, why: str) -> None:
        super().__init__(
            f"{uri} did not take everything ({why}); nothing is lost, send it with: "
            f"remanence sync {shlex.quote(str(folder))}"
        )
        self.folder = folder


class RunClient:
    """Writes to MLflow at once or, while the server is away, in order as soon as it is back.

    It takes the calls of ``MlflowClient`` that a run is written with. Any other call is passed on; it waits for up to
    ``patience`` seconds until everything before it has been sent and it is answered.

    Args:
        client: of the database.
        folder: of the run; what waits is written to its ``outbox.jsonl``.
        uri: of the database, without secrets.
        patience: seconds for which it waits where it has to.
    """

    def __init__(self, client: MlflowClient, folder: Path, *, uri: str, patience: float = 0.0) -> None:
        self._client, self._folder, self._uri, self._patience = client, folder, uri, patience
        self._outbox = Outbox(folder)
        self._lock = threading.RLock()  # the monitor of the machine's load logs beside the training
        self._next_try = 0.0
        self._why: str | None = None  # the server was found away
        self.points: dict[str, dict[int, float]] = defaultdict(dict)
        """Metric to step to value, as far as they were logged through this client."""

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        """Log metrics, parameters and tags."""
        for metric in metrics:
            self.points[metric.key][metric.step] = metric.value
        self._write(
            "log_batch",
            run_id,
            metrics=[[metric.key, float(metric.value), metric.timestamp, metric.step] for metric in metrics],
            params=[[param.key, param.value] for param in params],
            tags=[[tag.key, tag.value] for tag in tags],
        )

    def set_tag(self, run_id: str, key: str, value: Any) -> None:
        """Set a tag."""
        self.log_batch(run_id, tags=[RunTag(key, str(value))])

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput]) -> None:
        """Log datasets that the run reads."""
        self._write("log_inputs", run_id, datasets=[dataset.to_dictionary() for dataset in datasets])

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None = None) -> None:
        """Log a file, which must stay where it is."""
        self._write("log_artifact", run_id, path=self._relative(local_path), artifact_path=artifact_path)

    def log_model(self, run_id: str, local_path: str, *, step: int) -> None:
        """Log a model that MLflow has saved into a folder, which must stay where it is."""
        self._write("log_model", run_id, path=self._relative(local_path), step=step)

    def update_run(self, run_id: str, status: str) -> None:
        """Say that the run goes on."""
        self._write("set_status", run_id, status=status, end_time=None)

    def set_terminated(self, run_id: str, status: str) -> None:
        """Say how the run has ended, now."""
        self._write("set_status", run_id, status=status, end_time=get_current_time_millis())

    @property
    def is_behind(self) -> bool:
        """Whether anything waits to be sent."""
        return bool(self._outbox)

    def deliver(self, *, now: bool = False) -> bool:
        """Send what waits and return whether nothing waits any more.

        Args:
            now: also if the server was found away a moment ago.
        """
        with self._lock:
            if not self._outbox or not (now or time.monotonic() >= self._next_try):
                return not self._outbox
            began, pause = time.monotonic(), RETRY
            try:
                if self._outbox.is_on_disk:
                    try:
                        knock(self._uri)
                    finally:
                        pause = max(RETRY, (time.monotonic() - began) / SHARE)
                while self._outbox:
                    deliver(self._client, self._folder, self._outbox.first)
                    self._outbox.take()
            except Exception as error:
                if not self._outbox.is_on_disk and not is_away(error):
                    self._outbox.clear()
                    raise
                # what is on the disk keeps its order, also behind an entry that the server refuses
                told, self._why = self._why is not None, reason(error)
                self._next_try = time.monotonic() + pause
                self._outbox.save()
                if not told:
                    tell(f"{self._uri} does not answer ({self._why}); what it misses is kept in {self._outbox.path}")
                return False
            if self._why is not None:
                tell(f"{self._uri} answers again and has got all that it missed")
                self._why = None
            return True

    def settle(self, patience: float | None = None) -> None:
        """Wait until everything has been sent, for ``patience`` seconds or those of the client.

        Raises:
            TrackingLost: if it has not.
        """
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        while not self.deliver(now=True):
            if time.monotonic() >= deadline:
                raise TrackingLost(self._uri, self._folder, str(self._why))
            time.sleep(PAUSE)

    def __getattr__(self, name: str) -> Any:
        """Return a call of ``MlflowClient`` that waits."""
        if name.startswith("_"):  # of this object itself, before it is made
            raise AttributeError(name)
        call = getattr(self._client, name)

        def wait(*arguments: Any, **named: Any) -> Any:
            self.settle()
            try:
                return patiently(lambda: call(*arguments, **named), self._uri, self._patience)
            except Exception as error:
                if is_away(error):
                    raise TrackingLost(self._uri, self._folder, reason(error)) from error
                raise

        return wait if callable(call) else call

    def _write(self, call: str, run_id: str, **values: Any) -> None:
        with self._lock:
            self._outbox.put({"call": call, "run_id": run_id, **values})
            if not self.deliver():
                self._outbox.save()

    def _relative(self, path: str) -> str:
        """Return a path as the outbox holds it: the folder may be sent from elsewhere."""
        return str(Path(path).relative_to(self._folder) if Path(path).is_relative_to(self._folder) else path)
