"""Finding a tracked run again."""

import re
from typing import Any

import yaml
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.exceptions import MlflowException

from remanence.errors import ConfigurationError
from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.tracking.database import connect


def find_run(client: MlflowClient, wanted: str, uri: str) -> MlflowRun:
    """Return the run with this id or, failing that, the newest one with this name.

    Raises:
        ConfigurationError: if there is none.
    """
    if re.fullmatch(r"[0-9a-f]{32}", wanted):
        try:
            return client.get_run(wanted)
        except MlflowException:
            pass
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    quoted = wanted.replace("'", "''")
    found = client.search_runs(experiments, f"attributes.run_name = '{quoted}'", max_results=1) if experiments else []
    if not found:
        raise ConfigurationError(f"run: no run with the id or name '{wanted}' in {without_secrets(uri)}")
    return found[0]


def stored_config(client: MlflowClient, run_id: str) -> dict[str, Any]:
    """Return the configuration that a run was started with.

    Raises:
        ConfigurationError: if the run has none, because it is a sweep or was not written by remanence.
    """
    if "config.yaml" not in [entry.path for entry in client.list_artifacts(run_id)]:
        raise ConfigurationError(f"run {run_id} has no config.yaml: it is a sweep, or not a run of remanence")
    with open(client.download_artifacts(run_id, "config.yaml"), encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def open_run(wanted: str) -> tuple[MlflowClient, str]:
    """Return a client of the default database and the id of the run with this id or name.

    Raises:
        ConfigurationError: if there is none.
    """
    uri = tracking_uri(None, default_outputs())
    client = connect(uri)
    return client, str(find_run(client, wanted, uri).info.run_id)


def tracked_runs(client: MlflowClient, wanted: str) -> list[MlflowRun]:
    """Return the runs of an experiment (``piezo``), a configuration (``piezo/ns``) or a sweep (its run id).

    The oldest comes first. Sweeps themselves are left out: they have no result of their own.
    """
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    keys = ("remanence.paper", "remanence.config", "remanence.sweep")
    quoted = wanted.replace("'", "''")
    found: dict[str, MlflowRun] = {}
    for key in keys:
        token = None
        while experiments:
            page = client.search_runs(
                experiments, f"tags.`{key}` = '{quoted}'", max_results=1000, order_by=["start_time"], page_token=token
            )
            found |= {run.info.run_id: run for run in page if run.data.tags.get("remanence.kind") != "sweep"}
            token = page.token
            if not token:
                break
    return list(found.values())
