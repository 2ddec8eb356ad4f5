"""Models as MLflow stores them: a saved model wrapped in a pyfunc, which is loaded without unpickling code."""

import importlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from mlflow import pyfunc
from mlflow.models import ModelSignature
from mlflow.utils import environment

from remanence.errors import ConfigurationError, DamagedFile
from remanence.foundation.temporary_folder import temporary_folder
from remanence.tracking.artifact import new_download
from remanence.tracking.delivery import MODEL
from remanence.tracking.paths_below import below
from remanence.tracking.patience import ServerAway, is_away, reason
from remanence.tracking.relocation import artifact_folder
from remanence.tracking.run import Run

M = TypeVar("M")

FOLDER = "remanence_model"
"""Folder of the saved model, inside the folder ``data`` of the logged model."""
REQUIREMENTS = ["torch", "pytorch-lightning", "mlflow", "scikit-learn", "skops", "safetensors", "numpy", "pandas"]


def log_saved(
    run: Run,
    save: Callable[[Path], None],
    signature: ModelSignature,
    example: Any,
    *,
    loader: str,
    step: int,
    requirements: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> None:
    """Log the files that ``save`` writes, as the run's model ``model``.

    Args:
        run: run that the model belongs to.
        save: function that writes the model into a folder.
        signature: signature of the model's inputs and outputs.
        example: a few rows or spectra in the form in which a user would pass them.
        loader: module whose ``_load_pyfunc`` loads the folder again.
        step: step of the metrics that describe the model.
        requirements: distributions that the model needs in addition to those of every model.
        inputs: what the model takes in each column, as ``inputs`` in the metadata of the model, where the signature
            has no inputs because MLflow would refuse what the model can read.
    """
    folder = below(run.folder, MODEL, f"run {run.id}: folder")  # not where a link leads that somebody put there
    shutil.rmtree(folder, ignore_errors=True)  # left over if the run was stopped while it saved its model
    with temporary_folder() as place:
        saved = Path(place) / FOLDER
        save(saved)
        with _requirements_unchecked():
            pyfunc.save_model(
                folder,
                loader_module=loader,
                data_path=str(saved),
                signature=signature,
                input_example=example,
                metadata=None if inputs is None else {"inputs": dict(inputs)},
                # given here, because MLflow would otherwise spend half a minute on imports to find them out
                pip_requirements=[f"{name}=={_version(name)}" for name in ("remanence", *REQUIREMENTS, *requirements)],
            )
    run.client.log_model(run.id, str(folder), step=step)


@cache  # what is loaded does not change between the trials of a sweep
def _version(name: str) -> str:
    """Return the version of an installed distribution."""
    return metadata.version(name)


@contextmanager
def _requirements_unchecked() -> Iterator[None]:
    """Keep MLflow from comparing the requirements with the installed packages inside the block.

    The comparison is needless, because the versions have just been read from the installed packages. For it, MLflow
    lists the files of every installed package, which takes half as long as drawing all figures.
    """
    name = "warn_dependency_requirement_mismatches"
    check = getattr(environment, name, None)
    if check is None:  # this version of MLflow checks elsewhere or not at all
        yield
        return
    setattr(environment, name, lambda requirements: None)
    try:
        yield
    finally:
        setattr(environment, name, check)


def saved_model_of(run_id: str, load: Callable[[Path], M], folder: Path | None = None) -> M:
    """Return the model that a run logged.

    Args:
        run_id: id of the run.
        load: function that loads the model from the folder in which it was saved.
        folder: folder of the run, from whose copy of the model it is loaded if files of the logged model are gone.

    Raises:
        ConfigurationError: if the run logged no model, or the files of the model are gone.
        DamagedFile: if a file of the model is damaged.
        ServerAway: if the server does not answer.
    """
    from mlflow.exceptions import MlflowException

    try:
        files = logged_files(run_id)
        return load(files / "data" / FOLDER)
    except DamagedFile as error:
        raise error.of_run(run_id, files.parent) from error
    except (MlflowException, OSError) as error:
        if is_away(error):
            raise ServerAway(f"tracking.uri: the server of run {run_id} does not answer: {reason(error)}") from error
        own = None if folder is None else folder / MODEL / "data" / FOLDER
        if own is not None and own.is_dir():
            with suppress(OSError):
                return load(own)
        instead = "" if own is None else f", and not in {own} either"
        raise ConfigurationError(
            f"run {run_id}: files of its logged model are gone: {reason(error)}{instead}"
        ) from error


def logged_files(run_id: str) -> Path:
    """Return the folder of the model that a run logged last, where it lies or, from a server, as a download."""
    from mlflow import MlflowClient
    from mlflow.artifacts import download_artifacts

    client = MlflowClient()
    found = client.get_run(run_id)
    models = [client.get_logged_model(output.model_id) for output in (found.outputs.model_outputs or ())]
    if not models:
        raise ConfigurationError(f"run {run_id} has no logged model: it did not finish, or is a sweep")
    location = max(models, key=lambda model: model.creation_timestamp).artifact_location
    # a local folder is not copied, so that an error names the file that is missing
    return artifact_folder(location) or Path(download_artifacts(f"runs:/{run_id}/{MODEL}", dst_path=new_download()))


def _load_pyfunc(path: str) -> Any:
    """Load a model of an earlier release: there, this module was the loader for every kind of data."""
    kinds = importlib.import_module("remanence.studies.kinds")  # imported by name, because it is in a higher layer
    return kinds.load_saved(Path(path))
