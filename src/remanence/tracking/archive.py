"""Packing the folders of a sweep's trials into one file."""

import zipfile
from pathlib import Path

from mlflow import MlflowClient

from remanence.errors import ConfigurationError
from remanence.foundation.whole_file import whole_file
from remanence.tracking.clean import known_runs, run_folders, why_left
from remanence.tracking.own_files import own_files

ARCHIVE = "trials.zip"


def trials_to_archive(client: MlflowClient, uri: str, outputs: Path, name: str) -> tuple[Path, list[Path]]:
    """Return the folder of a sweep and the files of its trials, without those of the best trial.

    Args:
        client: MLflow's client of the database.
        uri: address of the database, without secrets.
        outputs: folder of all outputs.
        name: name of the sweep.

    Raises:
        ConfigurationError: if there is no such sweep here, or a trial runs, can be resumed, or is another user's.
    """
    runs = known_runs(client)
    parents = [run for run in runs.values() if run.data.tags.get("remanence.kind") == "sweep"]
    known = sorted(str(run.data.tags.get("remanence.sweep_name")) for run in parents)
    parent = next((run for run in parents if run.data.tags.get("remanence.sweep_name") == name), None)
    folder = outputs / "sweeps" / name
    if parent is None or not folder.is_dir():
        raise ConfigurationError(
            f"clean: sweep: there is no sweep '{name}' here; there are: {', '.join(known) or 'none'}"
        )
    if parent.info.status != "FINISHED":
        raise ConfigurationError(f"clean: sweep: '{name}' is {parent.info.status}; only a finished sweep is archived")
    best, files = parent.data.tags.get("remanence.best.run"), []
    for trial, record in run_folders(outputs):
        if trial.parent != folder or record.run_id == best:
            continue
        run = runs.get(record.run_id)
        reason = why_left(trial, record, run, uri)
        if reason is not None and run is not None and run.info.status not in ("FAILED", "KILLED"):
            raise ConfigurationError(f"clean: sweep: the sweep has runs {reason}, such as {trial.name}")
        if reason is None or reason == "that can be resumed":  # a failed trial of a finished sweep is not resumed
            files += list(own_files(trial))
    return folder, files


def archive(folder: Path, files: list[Path]) -> Path:
    """Pack files into ``trials.zip`` of the folder; the archive appears whole, and is read again before this returns.

    Files that an earlier archive holds stay in it.
    """
    path = folder / ARCHIVE
    with whole_file(path) as unfinished:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as packed:
            names = {str(file.relative_to(folder)) for file in files}
            if path.is_file():
                with zipfile.ZipFile(path) as earlier:
                    for name in earlier.namelist():
                        if name not in names:
                            packed.writestr(name, earlier.read(name))
            for file in files:
                packed.write(file, file.relative_to(folder))
        with zipfile.ZipFile(unfinished) as packed:
            if (damaged := packed.testzip()) is not None:
                raise OSError(f"{path}: {damaged} was not written as it is")
    return path
