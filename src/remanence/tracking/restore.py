"""Undoing the deletion of an experiment or of a run."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from mlflow import MlflowClient
from mlflow.entities import Experiment, ViewType
from mlflow.entities import Run as MlflowRun

from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.tracking.address import without_secrets
from remanence.tracking.search import find_run, ids, is_beginning, search

NEAREST = 5
"""Largest number of deleted names that an error message lists."""


@dataclass(frozen=True)
class Restored:
    """What was deleted before and is there again."""

    experiments: list[str] = field(default_factory=list)
    """Names of experiments."""
    runs: list[MlflowRun] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether anything was deleted."""
        return bool(self.experiments or self.runs)


def restore(client: MlflowClient, wanted: str, uri: str) -> Restored:
    """Undo the deletion of an experiment with its runs, or of a run with its parent and its children.

    An experiment is restored with all of its runs, because a deletion marks them all alike. What is not deleted is
    left as it is, so that the call may be interrupted and repeated.

    Args:
        client: MLflow's client of the database.
        wanted: name of an experiment; else id, first digits of an id, or name of a run; else the name of a sweep.
        uri: address of the database, for messages.

    Raises:
        ConfigurationError: if there is nothing of this name, or if several deleted runs have it.
    """
    experiments = client.search_experiments(view_type=ViewType.ALL)
    for experiment in experiments:
        if experiment.name == wanted and experiment.lifecycle_stage == "deleted":
            return _restore_experiment(client, experiment)
    gone = search(client, "", ids(experiments), ViewType.DELETED_ONLY)
    run = _deleted_run(gone, wanted)
    if run is None and any(experiment.name == wanted for experiment in experiments):
        return Restored()
    if run is None:
        run = _active_run(client, wanted, uri, [*(run.info.run_name for run in gone), *_deleted_names(experiments)])
    for experiment in experiments:
        if experiment.experiment_id == run.info.experiment_id and experiment.lifecycle_stage == "deleted":
            return _restore_experiment(client, experiment)
    family = [each for each in gone if each.info.run_id in set(_family(run, gone))]
    for each in family:
        client.restore_run(each.info.run_id)
    return Restored(runs=family)


def deleted_runs(client: MlflowClient, experiment_name: str) -> list[MlflowRun]:
    """Return the deleted runs of an experiment."""
    found = [each for each in client.search_experiments(view_type=ViewType.ALL) if each.name == experiment_name]
    return search(client, "", ids(found), ViewType.DELETED_ONLY)


def _restore_experiment(client: MlflowClient, experiment: Experiment) -> Restored:
    within = [experiment.experiment_id]
    runs = search(client, "", within, ViewType.DELETED_ONLY)
    client.restore_experiment(experiment.experiment_id)
    for run in search(
        client, "", [experiment.experiment_id], ViewType.DELETED_ONLY
    ):  # a store of files restores none of them
        client.restore_run(run.info.run_id)
    return Restored([experiment.name], runs)


def _deleted_run(gone: Sequence[MlflowRun], wanted: str) -> MlflowRun | None:
    """Return the deleted run that is meant; None if there is none."""
    for found in (
        [run for run in gone if run.info.run_id == wanted],
        [run for run in gone if run.info.run_name == wanted],
        [run for run in gone if is_beginning(wanted) and run.info.run_id.startswith(wanted)],
        [
            run
            for run in gone
            if run.data.tags.get("remanence.sweep_name") == wanted and run.data.tags.get("remanence.kind") == "sweep"
        ],
    ):
        if len(found) > 1:
            shown = first_few((f"{run.info.run_id} ({run.info.run_name})" for run in found[:NEAREST]), of=len(found))
            raise ConfigurationError(f"restore: several deleted runs are called '{wanted}': {shown}; give an id")
        if found:
            return found[0]
    return None


def _active_run(client: MlflowClient, wanted: str, uri: str, deleted: Collection[str]) -> MlflowRun:
    try:
        return find_run(client, wanted, uri)
    except ConfigurationError as error:
        near = get_close_matches(wanted, list(dict.fromkeys(deleted)), n=NEAREST, cutoff=0.5)
        names = f"the nearest names are: {', '.join(near)}" if near else f"{len(deleted)} others are"
        raise ConfigurationError(
            f"restore: no experiment or run '{wanted}' is deleted in {without_secrets(uri)}; "
            + (names if deleted else "nothing is")
        ) from error


def _deleted_names(experiments: Sequence[Experiment]) -> list[str]:
    return [experiment.name for experiment in experiments if experiment.lifecycle_stage == "deleted"]


def _family(run: MlflowRun, gone: Sequence[MlflowRun]) -> Iterator[str]:
    """Yield the ids of a run, of the runs above it, and of the deleted runs below it."""
    known = {each.info.run_id: each for each in gone}
    above: MlflowRun | None = run
    while above is not None:
        yield above.info.run_id
        above = known.get(_parent(above))
    below = {run.info.run_id}
    while below:
        below = {each.info.run_id for each in gone if _parent(each) in below}
        yield from below


def _parent(run: MlflowRun) -> str:
    return str(run.data.tags.get("mlflow.parentRunId", ""))
