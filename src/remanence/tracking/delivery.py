"""Sending the logged entries of a run to MLflow; to send an entry twice has the same effect as to send it once."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModel,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from mlflow.entities import Run as MlflowRun
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking._tracking_service import utils

from remanence.foundation.whole_file import whole_file
from remanence.tracking.created_once import created_once
from remanence.tracking.outbox import Entry
from remanence.tracking.patience import is_away, tell

KNOWN_PLACES = 1024
"""Number of runs and models whose artifact folders are kept in mind, as many as MLflow keeps."""
MODEL = "model"
"""Name of a run's logged model."""


def deliver(client: MlflowClient, folder: Path, entry: Entry, created: MlflowRun | None = None) -> None:
    """Send one entry of the outbox.

    Args:
        client: MLflow's client of the database.
        folder: folder of the run; paths of artifacts are relative to it.
        entry: a call that ``RunClient`` has recorded: the name of the call, the id of the run, and plain values.
        created: the run, if it has no logged model for sure; None looks whether an earlier try has logged one.
    """
    run_id = entry["run_id"]
    match entry["call"]:
        case "log_batch":
            metrics = [Metric(*metric) for metric in entry["metrics"]]
            client.log_batch(run_id, metrics, *_values(entry))
        case "log_inputs":
            _log_inputs(client, run_id, entry["datasets"])
        case "log_artifact":
            path = folder / entry["path"]
            if path.exists():
                client.log_artifact(run_id, str(path), entry["artifact_path"])
            else:
                tell(f"{path} is gone and was not sent")
        case "log_model":
            _log_model(client, folder / entry["path"], entry, created)
        case "set_status":
            if entry["end_time"] is None:
                client.update_run(run_id, status=entry["status"])
            else:
                client.set_terminated(run_id, entry["status"], entry["end_time"])


def remember_place(client: MlflowClient, identifier: str, address: str) -> None:
    """Tell MLflow where the artifacts of a run or model lie, which it would look up in the database otherwise.

    Args:
        client: MLflow's client of the database.
        identifier: id of a run or logged model.
        address: its ``artifact_uri`` or ``artifact_location``.
    """
    known = getattr(utils, "_artifact_repos_cache", None)  # another version of MLflow may keep it elsewhere
    if known is not None and identifier not in known:
        with suppress(Exception):  # an address that needs a further package: the call that uploads will tell
            known[identifier] = get_artifact_repository(address, tracking_uri=client.tracking_uri)
        while len(known) > KNOWN_PLACES:
            known.popitem(last=False)


def _log_inputs(client: MlflowClient, run_id: str, inputs: list[dict[str, Any]]) -> None:
    """Log datasets, in up to three tries.

    MLflow looks a dataset up and then inserts it. When several runs start at once on new data, MLflow refuses all
    inserts but one; a second try finds the dataset that another run has inserted.
    """
    datasets = [
        DatasetInput(Dataset(**each["dataset"]), [InputTag(*tag) for tag in each["tags"].items()]) for each in inputs
    ]
    for remaining in (2, 1, 0):
        try:
            client.log_inputs(run_id, datasets)
            return
        except MlflowException as error:
            if not remaining or is_away(error):
                raise


def _values(entry: Entry) -> tuple[list[Param], list[RunTag]]:
    """Return the parameters and tags of an entry; models that an earlier release has recorded have none."""
    return [Param(*each) for each in entry.get("params", ())], [RunTag(*each) for each in entry.get("tags", ())]


def _log_model(client: MlflowClient, folder: Path, entry: Entry, created: MlflowRun | None) -> None:
    """Upload the files in ``folder`` as the logged model of a run; create the logged model if the run has none."""
    from mlflow.models import Model as MlflowModel

    run_id, step = entry["run_id"], entry["step"]
    run = client.get_run(run_id) if created is None else created
    model = _logged_model(client, run) if created is None else _new_model(client, run)
    remember_place(client, model.model_id, model.artifact_location)
    saved = MlflowModel.load(str(folder))
    saved.model_id = saved.model_uuid = model.model_id
    saved.run_id, saved.artifact_path = run_id, model.artifact_location
    with whole_file(folder / "MLmodel") as unfinished:
        saved.save(str(unfinished))
    if created is not None or model.model_id not in [output.model_id for output in run.outputs.model_outputs]:
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step)])
    points = [Metric(*point, model_id=model.model_id if point[3] == step else None) for point in _points(entry, run)]
    client.log_batch(run_id, points, *_values(entry))
    client.log_model_artifacts(model.model_id, str(folder))
    client.finalize_logged_model(model.model_id, "READY")


def _points(entry: Entry, run: MlflowRun) -> list[list[Any]]:
    """Return the metrics that are logged with a model; an entry of an earlier release leaves them to the run."""
    if "metrics" in entry:
        return list(entry["metrics"])
    final = [metric for metric in run.data._metric_objs if metric.step == entry["step"]]
    return [[metric.key, metric.value, metric.timestamp, metric.step] for metric in final]


def _logged_model(client: MlflowClient, run: MlflowRun) -> LoggedModel:
    """Return the logged model of a run; create it if there is none.

    An earlier try to send may have created it already.
    """
    return _find_model(client, run) or _new_model(client, run)


def _find_model(client: MlflowClient, run: MlflowRun) -> LoggedModel | None:
    info = run.info
    found = client.search_logged_models([info.experiment_id], f"source_run_id = '{info.run_id}'")
    return found[0] if found else None


def _new_model(client: MlflowClient, run: MlflowRun) -> LoggedModel:
    # created through the client, because MLflow's high-level functions put a model into the default experiment and
    # its files under the working directory
    return created_once(
        lambda: client.create_logged_model(run.info.experiment_id, name=MODEL, source_run_id=run.info.run_id),
        lambda: _find_model(client, run),
    )
