"""Finding tracked runs by id, name, configuration or sweep."""

import re
from collections.abc import Iterable, Sequence

from mlflow import MlflowClient
from mlflow.entities import Experiment, ViewType
from mlflow.entities import Run as MlflowRun
from mlflow.exceptions import MlflowException

from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.tracking.address import without_secrets
from remanence.tracking.advised_command import advised_command
from remanence.tracking.client import RunClient
from remanence.tracking.registry import SCHEME, registered_run

LEAST_DIGITS = 6
"""Least number of first digits of an id that are accepted in its place."""
PREFIX = rf"[0-9a-f]{{{LEAST_DIGITS},31}}"
MOST_SHOWN = 5
"""Number of runs that an error message lists when several ids begin with the same digits."""
_EXPERIMENTS: dict[tuple[str, str], str] = {}
"""Address of a database, and id of a run or name, to the experiment; only sweeps, of which a process has few, ask."""


def find_run(client: MlflowClient, wanted: str, uri: str) -> MlflowRun:
    """Return the run with this id; else the newest run with this name; else the run whose id begins with these digits.

    Args:
        client: MLflow's client of the database.
        wanted: id of a run, its name, at least the first ``LEAST_DIGITS`` digits of its id, or the address of a
            registered model (``models:/<name>@<alias>`` or ``models:/<name>/<version>``), which stands for the run that
            logged the model.
        uri: address of the database, for messages.

    Raises:
        ConfigurationError: if there is no such run, the run was deleted, or the ids of several runs begin so.
    """
    if wanted.startswith(SCHEME):
        wanted = registered_run(client, wanted)
    if re.fullmatch(r"[0-9a-f]{32}", wanted):
        try:
            found = client.get_run(wanted)
        except MlflowException:
            pass
        else:
            if found.info.lifecycle_stage == "deleted":
                raise _deleted(found, uri)
            return found
    experiments = ids(client.search_experiments())
    named = f"attributes.run_name = {_literal(wanted)}"
    newest = client.search_runs(experiments, named, max_results=1) if experiments else []
    beginning = search(client, f"attributes.run_id LIKE '{wanted}%'") if not newest and is_beginning(wanted) else []
    if len(beginning) > 1:
        shown = first_few(
            (f"{run.info.run_id} ({run.info.run_name})" for run in beginning[:MOST_SHOWN]), of=len(beginning)
        )
        raise ConfigurationError(f"run: several ids begin with '{wanted}': {shown}; give more digits")
    if not newest and not beginning:
        every = ids(client.search_experiments(view_type=ViewType.ALL))
        if gone := search(client, named, every, ViewType.DELETED_ONLY):
            raise _deleted(gone[-1], uri)
        raise ConfigurationError(f"run: no run with the id or name '{wanted}' in {without_secrets(uri)}")
    return (newest or beginning)[0]


def runs_named(client: MlflowClient, name: str) -> list[MlflowRun]:
    """Return all runs with a name that are not deleted, the oldest first."""
    return search(client, f"attributes.run_name = {_literal(name)}")


def tracked_runs(client: MlflowClient, wanted: str | None) -> list[MlflowRun]:
    """Return the runs of an experiment (``piezo``), a configuration (``piezo/ns``) or a sweep, the oldest first.

    None takes all runs. A sweep is found by its name, its id, or the name of its parent run. Runs of other sweeps
    whose results the sweep has reused belong to it as well. The parent runs of sweeps are left out, because they have
    no result of their own.
    """
    if wanted is None:
        every = search(client, "tags.`remanence.config` LIKE '%'")  # other programs may use the same database
        return [run for run in every if run.data.tags.get("remanence.kind") != "sweep"]
    literal = _literal(wanted)
    keys = ("remanence.paper", "remanence.config", "remanence.sweep", "remanence.sweep_name")
    found = [run for key in keys for run in search(client, f"tags.`{key}` = {literal}")]
    named = search(client, f"attributes.run_name = {literal} and tags.`remanence.kind` = 'sweep'")
    # only for sweeps: an experiment includes the runs that its sweeps have reused anyway
    of_sweep = [run for run in found if wanted in (run.data.tags.get(key) for key in keys[2:])]
    parents = {run.info.run_id for run in [*of_sweep, *named] if run.data.tags.get("remanence.kind") == "sweep"}
    for parent in parents:
        found += search(client, f"tags.`remanence.sweep` = '{parent}'")
        found += search(client, f"tags.`remanence.reused_by` LIKE '%{parent}%'")
    runs = {run.info.run_id: run for run in found if run.data.tags.get("remanence.kind") != "sweep"}
    return sorted(runs.values(), key=lambda run: run.info.start_time)


def is_beginning(wanted: str) -> bool:
    """Return whether a text may be the first digits of an id."""
    return re.fullmatch(PREFIX, wanted) is not None


def experiment_of(client: MlflowClient | RunClient, run_id: str) -> str:
    """Return the id of the MLflow experiment of a run, which stays in it: it is asked for once."""
    key = str(client.tracking_uri), run_id
    if key not in _EXPERIMENTS:
        _EXPERIMENTS[key] = str(client.get_run(run_id).info.experiment_id)
    return _EXPERIMENTS[key]


def experiment_named(client: MlflowClient | RunClient, name: str) -> str | None:
    """Return the id of the MLflow experiment ``name``, None if there is none; one that was found keeps its name."""
    key = str(client.tracking_uri), f"experiment {name}"
    if key not in _EXPERIMENTS:
        found = client.get_experiment_by_name(name)
        if found is None:
            return None
        _EXPERIMENTS[key] = str(found.experiment_id)
    return _EXPERIMENTS[key]


def ids(experiments: Iterable[Experiment]) -> list[str]:
    """Return the ids of experiments."""
    return [experiment.experiment_id for experiment in experiments]


def search(
    client: MlflowClient | RunClient,
    condition: str,
    within: Sequence[str] | None = None,
    view: int = ViewType.ACTIVE_ONLY,
) -> list[MlflowRun]:
    """Return all runs that meet a condition, the oldest first.

    Args:
        client: MLflow's client of the database.
        condition: filter in MLflow's grammar.
        within: ids of the experiments to look in; None takes all that are not deleted.
        view: ``ViewType.DELETED_ONLY`` takes the deleted runs.
    """
    experiments = ids(client.search_experiments()) if within is None else list(within)
    runs: list[MlflowRun] = []
    token = None
    while experiments:
        page = client.search_runs(
            experiments, condition, view, max_results=1000, order_by=["start_time"], page_token=token
        )
        runs += page
        token = page.token
        if not token:
            break
    return runs


def _deleted(run: MlflowRun, uri: str) -> ConfigurationError:
    run_id = run.info.run_id
    command = advised_command("restore", run_id, uri=without_secrets(uri))
    return ConfigurationError(f"run: {run_id} was deleted; `{command}` brings it back")


def _literal(text: str) -> str:
    """Return a text in quotes for a filter of MLflow, which accepts both kinds of quotes but cannot escape one."""
    if "'" in text and '"' in text:
        raise ConfigurationError(f"run: MLflow cannot look for a name with both kinds of quotes, {text}; give the id")
    return f'"{text}"' if "'" in text else f"'{text}'"
