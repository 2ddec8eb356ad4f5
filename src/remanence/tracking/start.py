"""Creating a run or entering one again: parameters, tags, lineage and environment, before anything is trained."""

import getpass
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.time import get_current_time_millis

from remanence import __version__
from remanence.data.table import Source
from remanence.tracking.address import tracking_uri, without_secrets
from remanence.tracking.database import connect, open_experiment
from remanence.tracking.limits import DIGEST_LENGTH
from remanence.tracking.parameters import config_hash, parameters
from remanence.tracking.provenance import environment, git_state
from remanence.tracking.run import Run, lifecycle


@contextmanager
def start(
    cfg: Mapping[str, Any], sources: Sequence[Source], *, synthetic: bool, resume: str | None = None
) -> Iterator[Run]:
    """Create the run of a resolved configuration, or enter the run ``resume`` again, and own its status.

    Args:
        cfg: the resolved configuration as plain values.
        sources: what the run reads, the main one first; a dataset input of MLflow for each.
        synthetic: whether the rows were simulated; such runs are marked in tags and titles.
        resume: id of an interrupted run. Its parameters stay; what differs now is written down as tags.
    """
    outputs = Path(cfg["paths"]["outputs"])
    uri = tracking_uri(cfg["tracking"]["uri"], outputs)
    client = connect(uri)
    tags = _tags(cfg, sources[0], synthetic)
    if resume is None:
        experiment = open_experiment(client, uri, tags["remanence.paper"], outputs)
        created = client.create_run(experiment, start_time=get_current_time_millis(), run_name=_name(cfg), tags=tags)
        run = Run(client, created.info.run_id, uri=without_secrets(uri), outputs=outputs)
    else:
        run = Run(client, resume, uri=without_secrets(uri), outputs=outputs)
    with lifecycle(run), _system_metrics(run, enabled=cfg["tracking"]["system_metrics"]):
        if resume is None:
            client.log_batch(run.id, params=[Param(key, value) for key, value in parameters(cfg).items()])
            _log_inputs(client, run.id, [_dataset_input(source) for source in sources])
        else:
            logged = client.get_run(run.id).data.params
            changed = {key: value for key, value in parameters(cfg).items() if logged.get(key) != value}
            client.log_batch(run.id, tags=[RunTag(f"remanence.resumed.{key}", value) for key, value in changed.items()])
        run.log_text(stored_configuration(cfg), "config.yaml")
        run.log_text(environment(), "environment.txt")
        git = git_state(os.getcwd())
        if git is not None and git.diff:
            run.log_text(git.diff, "git.diff")
        yield run


def stored_configuration(cfg: Mapping[str, Any]) -> str:
    """Return the configuration as YAML without what belongs to one machine: addresses may hold secrets."""
    stored = {key: value for key, value in cfg.items() if key != "paths"}
    stored["tracking"] = {**cfg["tracking"], "uri": None, "parent": None}
    return str(yaml.safe_dump(stored, sort_keys=False, allow_unicode=True))


def configuration_name(cfg: Mapping[str, Any]) -> str:
    """Return the name of the experiment's file, ``custom`` for a command line without one."""
    return str(cfg["config"] or "custom")


def provenance_tags() -> dict[str, str]:
    """Return who ran what from which commit: MLflow records none of it for a console entry point."""
    tags = {
        "mlflow.user": getpass.getuser(),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": without_secrets(shlex.join(["remanence", "train", *sys.argv[1:]])),  # Hydra reads no verb
        "remanence.version": __version__,
    }
    git = git_state(os.getcwd())
    if git is not None:
        tags |= {"mlflow.source.git.commit": git.commit, "remanence.git.dirty": str(git.dirty).lower()}
    return tags


def _tags(cfg: Mapping[str, Any], source: Source, synthetic: bool) -> dict[str, str]:
    config = configuration_name(cfg)
    tags = {
        "remanence.config": config,
        "remanence.paper": config.split("/")[0],
        "remanence.config_hash": config_hash(cfg),
        "remanence.data": source.name,
        "remanence.synthetic": str(synthetic).lower(),
        "remanence.model": str(cfg["model"]["_target_"]).rpartition(".")[2],
        **provenance_tags(),
        **cfg["tracking"]["tags"],
    }
    if cfg["tracking"]["parent"]:
        tags["mlflow.parentRunId"] = tags["remanence.sweep"] = cfg["tracking"]["parent"]
    return tags


def _name(cfg: Mapping[str, Any]) -> str:
    """Return a readable name; MLflow's own would be the same for every seeded run."""
    model = str(cfg["model"]["_target_"]).rpartition(".")[2].lower()
    return str(cfg["name"] or f"{configuration_name(cfg).rpartition('/')[2]}-{model}-{config_hash(cfg)[:6]}")


def _log_inputs(client: MlflowClient, run_id: str, datasets: list[DatasetInput]) -> None:
    """Log datasets; of several runs that start together on new data, MLflow refuses all but one at first.

    It looks the dataset up and then inserts it, so that a second try finds what another run has inserted.
    """
    for remaining in (2, 1, 0):
        try:
            client.log_inputs(run_id, datasets)
            return
        except MlflowException:
            if not remaining:
                raise


def _dataset_input(source: Source) -> DatasetInput:
    dataset = Dataset(
        name=source.name,
        digest=source.digest[:DIGEST_LENGTH],
        source_type=source.kind,
        source=yaml.safe_dump({"location": source.location, "sha256": source.digest}),
    )
    return DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])


@contextmanager
def _system_metrics(run: Run, *, enabled: bool) -> Iterator[None]:
    if not enabled:
        yield
        return
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = SystemMetricsMonitor(run.id, sampling_interval=5, resume_logging=True)
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()
