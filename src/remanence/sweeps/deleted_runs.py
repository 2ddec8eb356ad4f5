"""Trials whose runs were deleted in MLflow: the study still knows their values, but there is nothing to look at."""

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode
from optuna.study import Study

from remanence.sweeps.trial_table import best_trials
from remanence.tracking.client import RunClient


def deleted_runs(study: Study, client: MlflowClient | RunClient) -> frozenset[str]:
    """Return the ids of those deleted runs whose trials would be among the best of a study.

    Only the best trials are looked up, so that a study of thousands of trials costs one question.
    """
    deleted: frozenset[str] = frozenset()
    while gone := {run for run in _runs_of_best(study, deleted) if is_deleted(client, run)}:
        deleted |= gone
    return deleted


def _runs_of_best(study: Study, deleted: frozenset[str]) -> list[str]:
    return [trial.user_attrs["run"] for trial in best_trials(study, deleted) if trial.user_attrs.get("run")]


def is_deleted(client: MlflowClient | RunClient, run: str) -> bool:
    """Return whether a run was deleted, or is no more in the database."""
    try:
        return bool(client.get_run(run).info.lifecycle_stage == "deleted")
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
            raise
        return True
