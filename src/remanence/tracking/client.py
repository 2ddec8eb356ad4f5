"""The MLflow client of a run: while the server does not answer, training goes on and nothing is lost."""

import shlex
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import DatasetInput, Metric, Param, RunTag
from mlflow.entities import Run as MlflowRun
from mlflow.utils.time import get_current_time_millis

from remanence.foundation.phases import phase
from remanence.tracking.address import is_database
from remanence.tracking.delivery import deliver
from remanence.tracking.interruption import uninterrupted
from remanence.tracking.outbox import Entry, Outbox
from remanence.tracking.patience import PAUSE, check_health, is_away, patiently, reason, tell
from remanence.tracking.process import Owner

RETRY = 3.0
"""Least number of seconds between two tries to send while training goes on."""
SHARE = 0.1
"""Largest share of the training time that tries to send may take.

A server that is down refuses at once, but a try at a server that hangs takes seconds.
"""

GATHER = 3.0
"""Seconds for which a call waits for others that can be sent with it."""


class TrackingLost(RuntimeError):  # noqa: N818  the name says what has happened
    """The server did not come back. What it missed is in the folder of the run; ``remanence sync`` sends it."""

    def __init__(self, uri: str, folder: Path, why: str) -> None:
        super().__init__(
            f"{uri} did not take everything ({why}); nothing is lost, send it with: "
            f"remanence sync {shlex.quote(str(folder))}"
        )
        self.folder = folder


class ClaimLost(RuntimeError):  # noqa: N818  the name says what has happened
    """Another process has taken the run over, because this one was not heard of for too long."""

    def __init__(self, run_id: str, owner: Owner | None) -> None:
        by = "another process" if owner is None else f"process {owner.pid} of {owner.host}"
        super().__init__(f"run {run_id} was taken over by {by} while nothing was heard of this one, which stops here")


class RunClient:
    """Writes to MLflow at once; while the server does not answer, it keeps the calls and sends them later, in order.

    This class has the methods of ``MlflowClient`` that write a run. Any other method of ``MlflowClient`` is passed on:
    such a call first waits until everything before it has been sent, and then until it is answered, in each case for
    up to ``patience`` seconds.

    Inside a block of ``gathering``, calls wait for each other for up to ``GATHER`` seconds; metrics, parameters and
    tags that wait are one call then.

    Signals that ask the process to stop come after a call of a database. One that cut a call off would leave a
    transaction open in this process, and the end of the run could not be written past its lock.

    Args:
        client: MLflow's client of the database.
        folder: folder of the run; calls that wait are written to ``outbox.jsonl`` in it.
        uri: address of the database, without secrets.
        patience: seconds to wait for the server in calls that need its answer.
    """

    def __init__(self, client: MlflowClient, folder: Path, *, uri: str, patience: float = 0.0) -> None:
        self._client, self._folder, self._uri, self.patience = client, folder, uri, patience
        self.guard: Callable[[], None] = lambda: None
        """Function that raises ClaimLost if this process may not write the run any more, see ``tracking.claim``."""
        self._outbox = Outbox(folder)
        self._lock = threading.RLock()  # the thread that monitors the machine's load logs at the same time
        self._next_try = 0.0
        self._why: str | None = None  # why the server does not answer; None while it does
        self.points: dict[str, dict[int, float]] = defaultdict(dict)
        """Metric to step to value, for all metrics that were logged through this client."""
        self.tags: dict[str, str] = {}
        """Tags that were set through this client, of whatever run."""
        self.created: MlflowRun | None = None
        """The run, if this process has created it and has logged no model of it: then nobody else has, either."""
        self._last: dict[str, list[Any]] = {}  # metric to its last point, as in an entry
        self._gathers: int | None = None  # the thread whose calls wait for each other
        self._gathered = 0.0  # when the first of the calls that wait for others was made
        self._refused: Exception | None = None  # error of a call that another thread has sent

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        """Log metrics, parameters and tags."""
        points = [[metric.key, float(metric.value), metric.timestamp, metric.step] for metric in metrics]
        for metric, point in zip(metrics, points, strict=True):
            self.points[metric.key][metric.step] = metric.value
            self._last[metric.key] = point
        self.tags.update({tag.key: tag.value for tag in tags})
        self._write(
            "log_batch",
            run_id,
            metrics=points,
            params=[[param.key, param.value] for param in params],
            tags=[[tag.key, tag.value] for tag in tags],
        )

    def set_tag(self, run_id: str, key: str, value: Any) -> None:
        """Set a tag."""
        self.log_batch(run_id, tags=[RunTag(key, str(value))])

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput]) -> None:
        """Log the datasets that the run reads."""
        self._write("log_inputs", run_id, datasets=[dataset.to_dictionary() for dataset in datasets])

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None = None) -> None:
        """Log a file; the file must stay where it is, because it may be sent later."""
        self._write("log_artifact", run_id, path=self._relative(local_path), artifact_path=artifact_path)

    def log_model(self, run_id: str, local_path: str, *, step: int) -> None:
        """Log a model that MLflow has saved into a folder; the folder must stay, because it may be sent later.

        Metrics of the same step describe the model.
        """
        with self._lock:
            waiting = self._outbox.take_batch(run_id) or {"metrics": [], "params": [], "tags": []}
            points = [*waiting["metrics"], *(point for point in self._last.values() if point[3] == step)]
            self._write(
                "log_model",
                run_id,
                path=self._relative(local_path),
                step=step,
                metrics=list({(point[0], point[3]): point for point in points}.values()),
                params=waiting["params"],
                tags=waiting["tags"],
            )

    def update_run(self, run_id: str, status: str) -> None:
        """Set the status of the run without an end time: the run goes on."""
        self._write("set_status", run_id, status=status, end_time=None)

    def set_terminated(self, run_id: str, status: str) -> None:
        """Set the final status of the run; its end time is now."""
        self._write("set_status", run_id, status=status, end_time=get_current_time_millis())

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Let calls wait for each other inside the block; what waits at its end is sent with the next call.

        What another thread sends for this one and MLflow refuses is an error of the next ``deliver`` of this thread.
        """
        self._gathers = threading.get_ident()
        try:
            yield
        finally:
            self._gathers = None

    @property
    def is_behind(self) -> bool:
        """Whether anything waits to be sent."""
        return bool(self._outbox)

    def deliver(self, *, now: bool = False) -> bool:
        """Send what waits and return whether nothing waits any more.

        Args:
            now: try even if the server did not answer a moment ago.
        """
        with phase("tracking"), self._undivided(), self._lock:
            self.guard()
            if self._refused is not None and self._is_own_thread:
                refused, self._refused = self._refused, None
                raise refused
            if not self._outbox or not (now or time.monotonic() >= self._next_try):
                return not self._outbox
            began, pause = time.monotonic(), RETRY
            try:
                if self._outbox.is_on_disk:
                    try:
                        check_health(self._uri)
                    finally:
                        pause = max(RETRY, (time.monotonic() - began) / SHARE)
                while self._outbox:
                    self._send(self._outbox.first)
                    self._outbox.take()
            except Exception as error:
                # entries in the file keep their order, so an entry that the server refuses holds back those behind it
                if self._outbox.is_on_disk or is_away(error):
                    self._keep(error, pause)
                    return False
                self._outbox.take()
                if self._is_own_thread:
                    raise
                self._refused = error  # the call may be one of the run's own
                return True  # the rest goes with the next call
            if self._why is not None:
                tell(f"{self._uri} answers again and has got all that it missed")
                self._why = None
            return True

    def _keep(self, error: Exception, pause: float) -> None:
        """Keep what waits in the file, and send nothing for ``pause`` seconds, because the server does not answer."""
        is_told, self._why = self._why is not None, reason(error)
        self._next_try = time.monotonic() + pause
        self._outbox.save()
        if not is_told:
            tell(f"{self._uri} does not answer ({self._why}); what it misses is kept in {self._outbox.path}")

    def _send(self, entry: Entry) -> None:
        created = self.created
        if entry["call"] == "log_model":
            self.created = None  # from now on, a further try has to look what the first one has done
        deliver(self._client, self._folder, entry, created)

    @property
    def _is_own_thread(self) -> bool:
        return self._gathers in (None, threading.get_ident())

    def put_aside(self) -> None:
        """Let nobody send what waits, because another process has taken the run over and does the same work again."""
        self._outbox.put_aside()

    def settle(self, patience: float | None = None) -> None:
        """Wait until everything has been sent.

        Args:
            patience: longest wait in seconds; None takes the patience of the client.

        Raises:
            TrackingLost: if something is still not sent after this time.
        """
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while not self.deliver(now=True):
            if time.monotonic() >= deadline:
                raise TrackingLost(self._uri, self._folder, str(self._why))
            time.sleep(PAUSE)

    def __getattr__(self, name: str) -> Any:
        """Return a method of ``MlflowClient`` that waits for the server as the class describes."""
        if name.startswith("_"):  # an attribute of this object itself that ``__init__`` has not set yet
            raise AttributeError(name)
        call = getattr(self._client, name)

        def wait(*arguments: Any, **named: Any) -> Any:
            def answered() -> Any:
                with self._undivided():
                    return call(*arguments, **named)

            with phase("tracking"):
                self.settle()
                try:
                    return patiently(answered, self._uri, self.patience)
                except Exception as error:
                    if is_away(error):
                        raise TrackingLost(self._uri, self._folder, reason(error)) from error
                    raise

        return wait if callable(call) else call

    def _write(self, call: str, run_id: str, **values: Any) -> None:
        with self._undivided(), self._lock, phase("tracking"):
            self.guard()
            if self._gathers is not None and not self._outbox:
                self._gathered = time.monotonic()
            self._outbox.gather({"call": call, "run_id": run_id, **values})
            if not self._waits(call) and not self.deliver():
                self._outbox.save()

    def _waits(self, call: str) -> bool:
        """Return whether a call that was just made waits for others; one that fails to be sent waits in the file."""
        if self._gathers is None or call in ("set_status", "log_model") or self._outbox.is_on_disk:
            return False
        return time.monotonic() - self._gathered < GATHER

    def _undivided(self) -> AbstractContextManager[None]:
        """Delay signals inside the block if it calls a database; what a server began, it ends without this process."""
        return uninterrupted() if is_database(self._uri) else nullcontext()

    def _relative(self, path: str) -> str:
        """Return a path relative to the run's folder if it is inside: the folder may be moved before it is sent."""
        return str(Path(path).relative_to(self._folder) if Path(path).is_relative_to(self._folder) else path)
