"""The runs of a sweep whose parent run was deleted get the parent run that was made in its place."""

from mlflow.entities import Run as MlflowRun
from mlflow.entities import RunTag
from mlflow.exceptions import MlflowException
from optuna.study import Study

from remanence.sweeps.deleted_runs import is_deleted
from remanence.sweeps.trial_table import outcome_of
from remanence.tracking.run import Run
from remanence.tracking.search import search

MOST_USERS = 100
"""Largest number of sweeps in the tag that lists which sweeps reused a run; MLflow accepts 8000 characters."""


def adopt(parent: Run, study: Study) -> None:
    """Make all runs of a study children of its parent run; those that are cost one search.

    A run belongs to the study if one of its trials names it. A trial that was interrupted may not name its run yet;
    then the run is known by the name of the sweep and the number of the trial, if its own parent is gone.
    """
    trials = study.get_trials(deepcopy=False)
    runs = {trial.user_attrs["run"] for trial in trials if trial.user_attrs.get("run")}
    unnamed = {str(trial.number) for trial in trials if not trial.user_attrs.get("run")}
    named = f"tags.`remanence.sweep_name` = '{study.study_name}' and tags.`remanence.sweep` != '{parent.id}'"
    gone: dict[str, bool] = {}
    for run in search(parent.client, named, [parent.found.info.experiment_id]):
        tags = run.data.tags
        if tags.get("remanence.kind") == "sweep":
            continue
        before = tags["remanence.sweep"]
        if run.info.run_id not in runs:
            if before not in gone:
                gone[before] = is_deleted(parent.client, before)
            if tags.get("remanence.trial") not in unnamed or not gone[before]:
                continue
        adopted = [RunTag(key, parent.id) for key in ("mlflow.parentRunId", "remanence.sweep")]
        parent.client.log_batch(run.info.run_id, tags=adopted)
    _keep_reused(parent, {trial.user_attrs["run"] for trial in trials if outcome_of(trial) == "skipped"} - {None})


def mark_reused(parent: Run, found: MlflowRun) -> None:
    """Add a sweep to the tag of a run that lists the sweeps which reused its results."""
    users = [*found.data.tags.get("remanence.reused_by", "").split(), parent.id]
    tag = RunTag("remanence.reused_by", " ".join(users[-MOST_USERS:]))
    parent.client.log_batch(found.info.run_id, tags=[tag])


def _keep_reused(parent: Run, reused: set[str]) -> None:
    if not reused:
        return
    marked = f"tags.`remanence.reused_by` LIKE '%{parent.id}%'"
    known = {run.info.run_id for run in search(parent.client, marked)}
    for run_id in reused - known:
        try:
            mark_reused(parent, parent.client.get_run(run_id))
        except MlflowException:  # deleted as well
            continue
