"""Finding a file of a run: among its artifacts, or in the run's own folder, which holds the same files."""

import tempfile
from pathlib import Path

from mlflow import MlflowClient

from remanence.foundation.temporary_folder import temporary_folder
from remanence.tracking.client import RunClient
from remanence.tracking.relocation import artifact_folder

DOWNLOADED: "list[tempfile.TemporaryDirectory[str]]" = []
"""Folders of downloads, which are removed at the end of the process."""


def artifact(client: MlflowClient | RunClient, run_id: str, name: str, folder: Path | None) -> Path | None:
    """Return the path of a file or folder that a run logged; None if it is gone.

    Args:
        client: client of the run's database.
        run_id: id of the run.
        name: path of the artifact, relative to all artifacts of the run.
        folder: folder of the run, which is looked into if the artifacts lack the file; None looks nowhere else.
    """
    if name in [entry.path for entry in client.list_artifacts(run_id, name.rpartition("/")[0] or None)]:
        return logged_path(client, run_id, name)
    return folder / name if folder is not None and (folder / name).exists() else None


def logged_path(client: MlflowClient | RunClient, run_id: str, name: str) -> Path:
    """Return the path of a file or folder among the artifacts of a run: where it lies, or a download from a server.

    ``MlflowClient.download_artifacts`` copies also what lies on this machine, into a folder that nobody removes.

    Args:
        client: client of the run's database.
        run_id: id of the run.
        name: path of the artifact, relative to all artifacts of the run.
    """
    folder = artifact_folder(str(client.get_run(run_id).info.artifact_uri))
    if folder is not None and (folder / name).exists():
        return folder / name
    return Path(client.download_artifacts(run_id, name, new_download()))


def new_download() -> str:
    """Return a new folder to download to, which is removed at the end of the process."""
    DOWNLOADED.append(temporary_folder())
    return DOWNLOADED[-1].name


def places(client: MlflowClient | RunClient, run_id: str, folder: Path | None) -> str:
    """Return for a message the places in which ``artifact`` looks."""
    address = str(client.get_run(run_id).info.artifact_uri)
    return " or ".join(str(place) for place in (artifact_folder(address) or address, folder) if place is not None)
