"""Sending the logged entries of a run to MLflow; to send an entry twice has the same effect as to send it once."""

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

from remanence.foundation.whole_file import whole_file
from remanence.tracking.outbox import Entry
from remanence.tracking.patience import is_away, tell

MODEL = "model"
"""Name of a run's logged model."""


def deliver(client: MlflowClient, folder: Path, entry: Entry) -> None:
    """Send one entry of the outbox.

    Args:
        client: MLflow's client of the database.
        folder: folder of the run; paths of artifacts are relative to it.
        entry: a call that ``RunClient`` has recorded: the name of the call, the id of the run, and plain values.
    """
    run_id = entry["run_id"]
    match entry["call"]:
        case "log_batch":
            metrics = [Metric(*metric) for metric in entry["metrics"]]
            params = [Param(*param) for param in entry["params"]]
            client.log_batch(run_id, metrics, params, [RunTag(*tag) for tag in entry["tags"]])
        case "log_inputs":
            _log_inputs(client, run_id, entry["datasets"])
        case "log_artifact":
            path = folder / entry["path"]
            if path.exists():
                client.log_artifact(run_id, str(path), entry["artifact_path"])
            else:
                tell(f"{path} is gone and was not sent")
        case "log_model":
            _log_model(client, run_id, folder / entry["path"], entry["step"])
        case "set_status":
            if entry["end_time"] is None:
                client.update_run(run_id, status=entry["status"])
            else:
                client.set_terminated(run_id, entry["status"], entry["end_time"])


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


def _log_model(client: MlflowClient, run_id: str, folder: Path, step: int) -> None:
    """Upload the files in ``folder`` as the logged model of a run; create the logged model if the run has none."""
    from mlflow.models import Model as MlflowModel

    run = client.get_run(run_id)
    model = _logged_model(client, run)
    saved = MlflowModel.load(str(folder))
    saved.model_id = saved.model_uuid = model.model_id
    saved.run_id, saved.artifact_path = run_id, model.artifact_location
    with whole_file(folder / "MLmodel") as unfinished:
        saved.save(str(unfinished))
    if model.model_id not in [output.model_id for output in run.outputs.model_outputs]:
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step)])
    final = [metric for metric in run.data._metric_objs if metric.step == step]
    client.log_batch(
        run_id, [Metric(each.key, each.value, each.timestamp, step, model_id=model.model_id) for each in final]
    )
    client.log_model_artifacts(model.model_id, str(folder))
    client.finalize_logged_model(model.model_id, "READY")


def _logged_model(client: MlflowClient, run: MlflowRun) -> LoggedModel:
    """Return the logged model of a run; create it if there is none.

    An earlier try to send may have created it already.
    """
    info = run.info
    found = client.search_logged_models([info.experiment_id], f"source_run_id = '{info.run_id}'")
    if found:
        return found[0]
    # created through the client, because MLflow's high-level functions put a model into the default experiment and
    # its files under the working directory
    return client.create_logged_model(info.experiment_id, name=MODEL, source_run_id=info.run_id)
