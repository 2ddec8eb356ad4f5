"""The MLflow run of a trial, which is found by its tags: a process may have died before it could store the run's id."""

import math
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from remanence.configuration.configuration import Configuration
from remanence.errors import ConfigurationError
from remanence.tracking.client import RunClient
from remanence.tracking.experiment_name import paper
from remanence.tracking.limits import DIGEST_LENGTH
from remanence.tracking.parameters import config_hash
from remanence.tracking.paths_below import run_folder
from remanence.tracking.record import check_owned, read_record
from remanence.tracking.reentry import RESUMED
from remanence.tracking.run import Run
from remanence.tracking.search import experiment_named, experiment_of, search


def run_of_trial(client: MlflowClient | RunClient, cfg: Configuration) -> MlflowRun | None:
    """Return the MLflow run of a trial with the configuration ``cfg``; None if the run never began.

    A run with the same trial number but another configuration belongs to a study that was deleted; it is left out.
    """
    parent = str(cfg.tracking.parent)
    experiment = experiment_of(client, parent)
    tags = {"sweep": parent, "trial": cfg.sweep.trial, "config_hash": config_hash(cfg.plain)}
    wanted = " and ".join(f"tags.`remanence.{key}` = '{value}'" for key, value in tags.items())
    found = client.search_runs([experiment], wanted, order_by=["start_time"], max_results=1)
    return found[0] if found else None


def runs_of_sweep(client: MlflowClient | RunClient, parent: str) -> dict[tuple[str, str], MlflowRun]:
    """Return the MLflow runs of all trials of a sweep, the first of each, by number and hash of the configuration.

    Args:
        client: client of the database.
        parent: id of the parent run of the sweep.
    """
    found: dict[tuple[str, str], MlflowRun] = {}
    for run in search(client, f"tags.`remanence.sweep` = '{parent}'", [experiment_of(client, parent)]):
        tags = run.data.tags
        found.setdefault((tags.get("remanence.trial", ""), tags.get("remanence.config_hash", "")), run)
    return found


def end_run(parent: Run, cfg: Configuration) -> MlflowRun | None:
    """Mark the MLflow run of a trial whose process died as KILLED, and return it; None if the trial has no run.

    Args:
        parent: parent run of the sweep.
        cfg: configuration of the trial.
    """
    found = run_of_trial(parent.client, cfg)
    if found is not None and found.info.status == "RUNNING":
        parent.client.set_terminated(found.info.run_id, status="KILLED")
        with suppress(ConfigurationError, OSError):  # there is no folder here if the trial ran on another machine
            folder = run_folder(Path(cfg.paths.outputs), found.info.run_id, found.data.tags)
            check_owned(folder, found.info.run_id)
            replace(read_record(folder), status="KILLED").write(folder)
    return found


def reusable_run(
    client: MlflowClient | RunClient,
    parent: str,
    cfg: Configuration,
    digests: Collection[str],
    metrics: Collection[str],
) -> MlflowRun | None:
    """Return a finished run of another sweep, or of none, with the same configuration and data; None if there is none.

    A run that was resumed with other settings does not count, because its result is not that of its configuration.

    Args:
        client: client of the database.
        parent: id of the parent run of this sweep.
        cfg: checked configuration.
        digests: digests of all data that the trial would read.
        metrics: metrics of which the run must have finite values.
    """
    wanted = f"tags.`remanence.config_hash` = '{config_hash(cfg.plain)}' and attributes.status = 'FINISHED'"
    named = experiment_named(client, paper(cfg))  # where an earlier release recorded every run like it
    experiments = dict.fromkeys([experiment_of(client, parent), *([] if named is None else [named])])
    read = {digest[:DIGEST_LENGTH] for digest in digests}
    for found in client.search_runs(list(experiments), wanted, order_by=["start_time"], max_results=20):
        inputs = {entry.dataset.digest for entry in found.inputs.dataset_inputs}
        tags = found.data.tags
        elsewhere = tags.get("remanence.sweep") != parent and "remanence.outcome" not in tags
        as_configured = not any(tag.startswith(RESUMED) for tag in tags)
        values = [found.data.metrics.get(metric, math.nan) for metric in metrics]
        if elsewhere and as_configured and inputs == read and all(map(math.isfinite, values)):
            return found
    return None
