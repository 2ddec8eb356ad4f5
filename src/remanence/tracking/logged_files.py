"""Files that runs have logged, as a comparison of many runs reads them: where they lie, else by MLflow."""

import math
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from remanence.errors import UserError
from remanence.tracking.address import default_outputs, sqlite_path
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.paths_below import below
from remanence.tracking.relocation import artifact_folder, home_of
from remanence.tracking.stored_runs import stored_history

if TYPE_CHECKING:  # most runs lie on this machine, and are compared without MLflow
    from mlflow import MlflowClient


class LoggedFiles:
    """The files of the runs of one database.

    A stored run says where its files lie, and is data from somebody else. On this machine, they are read only below the
    folder of the database or the outputs of this user, and no link is followed that leads out of them.

    Args:
        uri: address of the database or the server.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        database = sqlite_path(uri)
        homes = [default_outputs().absolute(), *([] if database is None else [home_of(database)])]
        self._homes = [home.resolve() for home in homes]
        self._client: MlflowClient | None = None

    def names(self, run: ComparedRun, folder: str, ending: str) -> list[str]:
        """Return the names of the files in a folder of a run that have an ending, sorted; none if they are gone.

        Args:
            run: the run.
            folder: folder of its artifacts; "" for those in none.
            ending: such as ``.png``.
        """
        home = self._home(run)
        if home is not None:
            found = (home / folder).iterdir() if (home / folder).is_dir() else ()
            names = sorted(path.name for path in found if path.name.endswith(ending))
            return [name for name in names if self.path(run, str(PurePosixPath(folder, name))) is not None]
        if not self._is_served(run):
            return []
        from mlflow.exceptions import MlflowException

        try:
            entries = self.client.list_artifacts(run.info.run_id, folder or None)
        except (MlflowException, UserError, OSError):
            return []
        return sorted(entry.path.rpartition("/")[2] for entry in entries if entry.path.endswith(ending))

    def path(self, run: ComparedRun, name: str) -> Path | None:
        """Return the path of a file of a run on this machine, a download if a server has it; None if it is gone."""
        home = self._home(run)
        if home is not None:
            try:
                path = below(home, name, f"run {run.info.run_id}")
            except UserError:  # a link that leads out of the folder
                return None
            return path if path.is_file() else None
        if not self._is_served(run):
            return None
        from mlflow.exceptions import MlflowException

        from remanence.tracking.artifact import logged_path

        try:
            return logged_path(self.client, run.info.run_id, name)
        except (MlflowException, UserError, OSError):
            return None

    def history(self, runs: Sequence[ComparedRun], key: str) -> dict[str, list[tuple[int, float]]]:
        """Return for each run that has a metric, by its id, the steps and finite values of it."""
        wanted = [run.info.run_id for run in runs]
        stored = stored_history(self.uri, wanted, key)
        if stored is not None:
            return stored
        found = {
            run_id: {point.step: point.value for point in self.client.get_metric_history(run_id, key)}
            for run_id in wanted
        }
        return {
            run_id: [(step, value) for step, value in sorted(points.items()) if math.isfinite(value)]
            for run_id, points in found.items()
            if points
        }

    @property
    def client(self) -> "MlflowClient":
        """MLflow's client, for what does not lie here."""
        if self._client is None:
            from remanence.tracking.database import open_existing

            self._client = open_existing(self.uri, aside=True)
        return self._client

    def _home(self, run: ComparedRun) -> Path | None:
        """Return the folder of a run's artifacts; None if it is not on this machine, or where none is read."""
        folder = artifact_folder(run.info.artifact_uri)
        if folder is None:
            return None
        real = folder.resolve()
        return real if any(real.is_relative_to(home) and real != home for home in self._homes) else None

    def _is_served(self, run: ComparedRun) -> bool:
        address = run.info.artifact_uri
        return bool(address) and artifact_folder(address) is None and not self.uri.startswith("sqlite:")
