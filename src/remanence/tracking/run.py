"""A tracked run: an MLflow run and its folder."""

import shutil
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.entities import Run as MlflowRun
from mlflow.utils.time import get_current_time_millis
from numpy.typing import NDArray

from remanence.foundation.own_time import Moment
from remanence.foundation.whole_file import whole_file, write_text
from remanence.tracking.artifact import artifact, logged_path
from remanence.tracking.client import RunClient
from remanence.tracking.limits import METRICS_PER_CALL
from remanence.tracking.markdown_table import markdown
from remanence.tracking.paths_below import below, run_folder
from remanence.tracking.phase_tags import spent
from remanence.tracking.record import FILE, check_owned, read_record
from remanence.tracking.stored_configuration import read_configuration
from remanence.tracking.writable import check_outputs, shared

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from remanence.tracking.logger import RunLogger
    from remanence.tracking.profile import Profile

OWNER_TAG = "remanence.owner"
"""Tag with the process that took the run over last, see ``process.Owner``: other outputs have no ``run.json`` of it."""


class Run:
    """An existing MLflow run and its folder, which is ``<outputs>/runs/<run id>`` unless a tag of the run says another.

    Every file is written to the folder first and then logged as an artifact with the same relative path.
    """

    on_epoch: Callable[[int], None] | None = None
    """Function that is called with every logged epoch, counted from 0, see ``logger``."""
    formats: tuple[str, ...] = ("png",)
    """Endings of the files of a figure, see ``figure_format`` in ``conf/train.yaml``."""
    fitted_before: float = 0.0
    """Seconds that earlier parts of the run were fitted, as far as it is known."""
    profile: "Profile | None" = None
    """What is logged at the end of a run with ``trainer.profile``."""

    def __init__(
        self,
        client: MlflowClient,
        run_id: str,
        *,
        uri: str,
        outputs: Path,
        tags: Mapping[str, str] | None = None,
        patience: float = 0.0,
    ) -> None:
        self.id = run_id
        self.uri = uri
        self.database, self.outputs = client, outputs.absolute()
        self.folder = run_folder(self.outputs, run_id, tags or {})
        self.client = RunClient(client, self.folder, uri=uri, patience=patience)
        self.figures: list[str] = []  # artifacts that are pictures, the first one first

    @classmethod
    def of(cls, found: MlflowRun, client: MlflowClient, *, uri: str, outputs: Path, patience: float = 0.0) -> "Run":
        """Return an MLflow run together with the folder that it was started in.

        Args:
            found: the run as MLflow has just returned it.
            client: MLflow's client of the database.
            uri: address of the database, without secrets.
            outputs: folder of all outputs.
            patience: seconds to wait for a server that does not answer, in calls that need its answer.

        Raises:
            ConfigurationError: if a tag of the run names a folder that is not below the outputs.
        """
        run = cls(client, found.info.run_id, uri=uri, outputs=outputs, tags=found.data.tags, patience=patience)
        run.found = found
        return run

    def beside(self, run_id: str) -> "Run":
        """Return a run of the same database as it is now; with its own id, this run with what was logged since."""
        return Run.of(self.client.get_run(run_id), self.database, uri=self.uri, outputs=self.outputs)

    @cached_property
    def found(self) -> MlflowRun:
        """The run as it was before this process entered it.

        Nothing is read from the server later, because it may not answer then.
        """
        return self.client.get_run(self.id)

    @cached_property
    def config(self) -> dict[str, Any]:
        """Configuration that the run was started with, plain values.

        Raises:
            ConfigurationError: if the run has no configuration, because it is a sweep or not written by remanence.
        """
        return read_configuration(self.client, self.id, self.folder)

    @property
    def is_alive(self) -> bool:
        """Whether the run's folder is here and names a process that still works on the run."""
        return (self.folder / FILE).is_file() and read_record(self.folder).is_alive

    @cached_property
    def _earlier(self) -> dict[str, dict[int, float]]:
        """For each metric that an earlier process logged: step to value."""
        logged = [key for key in self.found.data.metrics if not key.startswith("system/")]
        return {key: {each.step: each.value for each in self.client.get_metric_history(self.id, key)} for key in logged}

    @property
    def name(self) -> str:
        """Name of the run in MLflow."""
        return str(self.found.info.run_name)

    @property
    def checkpoints(self) -> Path:
        """Folder of ``best.ckpt`` and ``last.ckpt``."""
        return self.folder / "checkpoints"

    def recall(self) -> None:
        """Read now what earlier processes logged: when it is needed later, the server may not answer."""
        _ = self._earlier

    def logger(self) -> "RunLogger":
        """Return a Lightning logger that continues after the last epoch that is already logged."""
        from remanence.tracking.logger import RunLogger  # imports Lightning, which takes seconds, so only if needed

        after = {key: max(points) for key, points in self._earlier.items()}
        return RunLogger(self.client, self.id, after=after, fitted_before=self.fitted_before, on_epoch=self.on_epoch)

    def phases(self) -> dict[str, Moment]:
        """Return the time of each phase of the run until now, see ``phase_tags.spent``."""
        return spent(self.found.data.tags, self.fitted_before)

    def log_metrics(self, metrics: dict[str, float], step: int = 0) -> None:
        """Log final values.

        Args:
            metrics: name to value.
            step: a step after the last epoch of the training, so that MLflow shows these values as the latest.
        """
        now = get_current_time_millis()
        points = [Metric(key, float(value), now, step) for key, value in metrics.items()]
        for start in range(0, len(points), METRICS_PER_CALL):
            self.client.log_batch(self.id, metrics=points[start : start + METRICS_PER_CALL])

    def history(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (steps, values) of a metric, each of shape (points,), including points from before a resume."""
        points = self._earlier.get(key, {}) | self.client.points.get(key, {})
        steps = sorted(points)
        return np.array(steps, dtype=np.int64), np.array([points[step] for step in steps], dtype=np.float64)

    def log_figure(self, figure: "Figure", name: str) -> None:
        """Save a figure as ``figures/<name>.png``, and in the other formats of the run."""
        from remanence.tracking.saved_figure import save_figure  # here, because a training begins without matplotlib

        for ending in self.formats:
            path = self._path("figures", f"{name}.{ending}")
            with whole_file(path) as unfinished:
                save_figure(figure, unfinished)
            self.client.log_artifact(self.id, str(path), "figures")
        self.figures.append(f"figures/{name}.png")

    def movie_path(self, name: str) -> Path:
        """Return the path for the movie ``movies/<name>``, such as ``traversal.mp4``."""
        return self._path("movies", name)

    def log_movie(self, path: Path) -> None:
        """Log a movie that was written to the path of ``movie_path``."""
        self.client.log_artifact(self.id, str(path), "movies")

    def log_table(self, frame: pd.DataFrame, name: str) -> None:
        """Save a table as ``tables/<name>.csv`` and, with rounded numbers for reading, as ``tables/<name>.md``.

        The second file has the first rows only, see ``markdown``.
        """
        path = self._path("tables", f"{name}.csv")
        with whole_file(path) as unfinished:
            frame.to_csv(unfinished, index=False)
        readable = path.with_suffix(".md")
        write_text(readable, markdown(frame))
        for file in (path, readable):
            self.client.log_artifact(self.id, str(file), "tables")

    def log_parquet(self, frame: pd.DataFrame, name: str, *, folder: str = "tables") -> None:
        """Save a table that is too long for a person to read as ``<folder>/<name>.parquet``."""
        path = self._path(folder, f"{name}.parquet")
        with whole_file(path) as unfinished:
            frame.to_parquet(unfinished, index=False)
        self.client.log_artifact(self.id, str(path), folder)

    def log_text(self, text: str, name: str) -> None:
        """Save ``text`` as the artifact ``name``, such as ``sweep.txt`` or ``figures/sweep.html``."""
        path = self._path("", name)
        write_text(path, text)
        self.client.log_artifact(self.id, str(path), name.rpartition("/")[0] or None)

    def stored_file(self, name: str) -> Path | None:
        """Return a file that was logged, such as ``tables/members.csv``, from the folder or else from the artifacts.

        Returns:
            its path; None if there is no such file.
        """
        here = self.folder / name
        return here if here.is_file() else artifact(self.client, self.id, name, None)

    def log_checkpoints(self) -> None:
        """Copy the checkpoints to the artifacts, so that the run can be resumed without this folder."""
        for path in sorted(self.checkpoints.glob("*.ckpt")):
            self.client.log_artifact(self.id, str(path), "checkpoints")

    def restore_checkpoint(self) -> Path | None:
        """Return the path of ``last.ckpt``, None if there is none.

        If the folder holds no checkpoints, they are first downloaded from the artifacts.

        Raises:
            ConfigurationError: if the folder is not that of this run; whoever resumes a run writes into its folder.
        """
        check_outputs(self.outputs, self.folder, self.checkpoints)
        check_owned(self.folder, self.id)
        below(self.folder, self.checkpoints.name, f"run {self.id}: folder")
        path = self.checkpoints / "last.ckpt"
        names = [entry.path for entry in self.client.list_artifacts(self.id, "checkpoints")]
        if not any(self.checkpoints.glob("*.ckpt")):
            with shared(self.outputs):
                self.checkpoints.mkdir(parents=True, exist_ok=True)
                # all of them: a schedule returns to the checkpoint of an earlier stage, a chain has one for each scale
                for name in names:
                    with whole_file(below(self.folder, name, f"run {self.id}: artifact")) as unfinished:
                        shutil.copyfile(logged_path(self.client, self.id, name), unfinished)
        return path if path.is_file() else None

    def _path(self, folder: str, name: str) -> Path:
        path = below(self.folder, str(Path(folder) / name), f"run {self.id}: file")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
