"""A tracked run: an MLflow run, a folder, and the one place that decides how it ended."""

import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.utils.time import get_current_time_millis
from numpy.typing import NDArray

from remanence.tracking.interruption import Interrupted, interruptible, uninterrupted
from remanence.tracking.limits import METRICS_PER_CALL
from remanence.tracking.record import Record

if TYPE_CHECKING:
    from remanence.tracking.logger import RunLogger


class Run:
    """An MLflow run that exists, and its folder ``<outputs>/runs/<run id>``.

    Everything is written to the folder first and then logged as an artifact of the same relative path.
    """

    def __init__(self, client: MlflowClient, run_id: str, *, uri: str, outputs: Path) -> None:
        self.client = client
        self.id = run_id
        self.uri = uri
        self.folder = outputs.absolute() / "runs" / run_id

    @property
    def checkpoints(self) -> Path:
        """Folder of ``best.ckpt`` and ``last.ckpt``."""
        return self.folder / "checkpoints"

    def logger(self) -> "RunLogger":
        """Return a Lightning logger that goes on after the last epoch already logged."""
        from remanence.tracking.logger import RunLogger  # Lightning takes seconds; finding a run does not need it

        logged = self.client.get_run(self.id).data.metrics
        last = {key: max(point.step for point in self.client.get_metric_history(self.id, key)) for key in logged}
        return RunLogger(self.client, self.id, after=last)

    def log_metrics(self, metrics: dict[str, float], step: int = 0) -> None:
        """Log final values, at a step after the training's last epoch so that MLflow shows them as the latest."""
        now = get_current_time_millis()
        points = [Metric(key, float(value), now, step) for key, value in metrics.items()]
        for start in range(0, len(points), METRICS_PER_CALL):
            self.client.log_batch(self.id, metrics=points[start : start + METRICS_PER_CALL])

    def history(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (steps, values) of a metric, each of shape (points,), also of what was logged before a resume."""
        points = {point.step: point.value for point in self.client.get_metric_history(self.id, key)}
        steps = sorted(points)
        return np.array(steps, dtype=np.int64), np.array([points[step] for step in steps], dtype=np.float64)

    def log_figure(self, figure: Figure, name: str) -> None:
        """Save a figure as ``figures/<name>.png``."""
        path = self._path("figures", f"{name}.png")
        figure.savefig(path)
        self.client.log_artifact(self.id, str(path), "figures")

    def movie_path(self, name: str) -> Path:
        """Return where to write the movie ``movies/<name>``, such as ``traversal.mp4``."""
        return self._path("movies", name)

    def log_movie(self, path: Path) -> None:
        """Log a movie that was written where ``movie_path`` says."""
        self.client.log_artifact(self.id, str(path), "movies")

    def log_table(self, frame: pd.DataFrame, name: str) -> None:
        """Save a table as ``tables/<name>.csv``, and rounded for reading as ``tables/<name>.md``."""
        path = self._path("tables", f"{name}.csv")
        frame.to_csv(path, index=False)
        readable = path.with_suffix(".md")
        readable.write_text(markdown(frame), encoding="utf-8")
        for file in (path, readable):
            self.client.log_artifact(self.id, str(file), "tables")

    def log_parquet(self, frame: pd.DataFrame, name: str) -> None:
        """Save a table that is too long to read as ``tables/<name>.parquet``."""
        path = self._path("tables", f"{name}.parquet")
        frame.to_parquet(path, index=False)
        self.client.log_artifact(self.id, str(path), "tables")

    def log_text(self, text: str, name: str) -> None:
        """Save ``text`` as the artifact ``name``."""
        path = self._path("", name)
        path.write_text(text, encoding="utf-8")
        self.client.log_artifact(self.id, str(path))

    def log_checkpoints(self) -> None:
        """Copy the checkpoints to the artifacts, so that the run can be resumed without this folder."""
        for path in sorted(self.checkpoints.glob("*.ckpt")):
            self.client.log_artifact(self.id, str(path), "checkpoints")

    def restore_checkpoint(self) -> Path | None:
        """Return ``last.ckpt`` if there is one; a folder without checkpoints first gets those of the artifacts."""
        path = self.checkpoints / "last.ckpt"
        names = [entry.path for entry in self.client.list_artifacts(self.id, "checkpoints")]
        if not any(self.checkpoints.glob("*.ckpt")):
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            for name in names:  # a schedule goes back to the checkpoint of a stage, a chain has one for each scale
                shutil.copyfile(self.client.download_artifacts(self.id, name), self.folder / name)
        return path if path.is_file() else None

    def _path(self, folder: str, name: str) -> Path:
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@contextmanager
def lifecycle(run: Run) -> Iterator[Run]:
    """Own the status of ``run``: RUNNING inside, then FINISHED, FAILED (with ``traceback.txt``) or KILLED."""
    _set_status(run, "RUNNING")
    try:
        with interruptible():
            yield run
    except Interrupted as interruption:
        with uninterrupted():
            run.client.set_tag(run.id, "remanence.signal", interruption.signal.name)
            _end(run, "KILLED")
        raise
    except BaseException:
        with uninterrupted():
            run.log_text(traceback.format_exc(), "traceback.txt")
            _end(run, "FAILED")
        raise
    else:
        with uninterrupted():
            _end(run, "FINISHED")


def _end(run: Run, status: str) -> None:
    run.log_checkpoints()
    _set_status(run, status)


def _set_status(run: Run, status: str) -> None:
    if status == "RUNNING":
        run.client.update_run(run.id, status=status)
    else:
        run.client.set_terminated(run.id, status=status)
    Record.of_this_process(run.id, status, run.uri).write(run.folder)


def markdown(frame: pd.DataFrame) -> str:
    """Return ``frame`` as a Markdown table with four significant digits.

    >>> print(markdown(pd.DataFrame({"sample": ["a"], "d33": [1 / 3]})), end="")
    | sample | d33 |
    |---|---|
    | a | 0.3333 |
    """
    rows = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in frame.to_numpy(object)]
    rule = "|" + "---|" * frame.shape[1]
    header, *body = ["| " + " | ".join(cells) + " |" for cells in [list(map(str, frame.columns)), *rows]]
    return "\n".join([header, rule, *body]) + "\n"
