"""The parent run that groups the runs of one sweep in the MLflow UI."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.utils.time import get_current_time_millis

from remanence.configuration.configuration import Configuration
from remanence.sweeps.space import Space
from remanence.sweeps.storage import study_lock
from remanence.tracking.address import argument_without_secrets, tracking_uri, without_secrets
from remanence.tracking.created_once import created_once
from remanence.tracking.database import connect, open_experiment
from remanence.tracking.experiment_name import PAPER_TAG, configuration_name
from remanence.tracking.first_tags import provenance_tags
from remanence.tracking.interruption import unhurried
from remanence.tracking.lifecycle import lifecycle
from remanence.tracking.limits import RUN_NAME_LENGTH
from remanence.tracking.paths_below import FOLDER_TAG, refuse_folder_tag
from remanence.tracking.run import Run
from remanence.tracking.search import ids
from remanence.tracking.writable import shared


def finished_parent(cfg: Configuration, name: str, experiments: Sequence[str]) -> Run | None:
    """Return the parent run of a sweep; None if it is not FINISHED, as when the process died before it ended the run.

    Args:
        cfg: resolved configuration of one of the trials.
        name: name of the sweep.
        experiments: names of the MLflow experiments that it may be in.
    """
    outputs = Path(cfg.paths.outputs)
    uri = tracking_uri(cfg.tracking.uri, outputs)
    client = connect(uri)
    found = _find(client, experiments, name)
    if found is None or found.info.status != "FINISHED":
        return None
    return Run.of(found, client, uri=without_secrets(uri), outputs=outputs)


@contextmanager
def parent_run(
    cfg: Configuration, name: str, space: Space, arguments: Sequence[str], url: str, experiments: Sequence[str]
) -> Iterator[Run]:
    """Create the parent run of a sweep, or enter it again, and set its status.

    Args:
        cfg: resolved configuration of one of the trials.
        name: name of the sweep.
        space: search space.
        arguments: overrides of the sweep, as typed.
        url: address of the study's database.
        experiments: names of the MLflow experiments that the sweep may be in; a new one begins in the first.
    """
    outputs = Path(cfg.paths.outputs)
    refuse_folder_tag(cfg.tracking.tags)
    uri = tracking_uri(cfg.tracking.uri, outputs)
    client = connect(uri)
    tags = {
        "remanence.kind": "sweep",
        "remanence.sweep_name": name,
        "remanence.config": configuration_name(cfg),
        PAPER_TAG: experiments[0],
        FOLDER_TAG: f"sweeps/{name}",
        **provenance_tags(),
        **cfg.tracking.tags,
    }
    with study_lock(url):
        found = _find(client, experiments, name)
        experiment = open_experiment(client, uri, experiments[0] if found is None else _named(client, found), outputs)
        if found is None:
            searched = " ".join(f"{key}={text}" for key, text in space.texts.items()) or "single"
            called = f"sweep {name}: {searched}" if cfg.sweep.name else f"sweep {searched}"
            began = get_current_time_millis()
            found = created_once(
                lambda: client.create_run(experiment, start_time=began, run_name=called[:RUN_NAME_LENGTH], tags=tags),
                lambda: _find(client, experiments, name),
            )
    run = Run.of(found, client, uri=without_secrets(uri), outputs=outputs, patience=cfg.tracking.patience)
    run.formats = cfg.figure_formats
    run.client.set_tag(run.id, "remanence.sweep", run.id)  # its trials have the same tag: one filter finds all
    with shared(outputs), unhurried(), lifecycle(run):
        run.log_text("\n".join(map(argument_without_secrets, arguments)) + "\n", "sweep.txt")
        yield run


def _find(client: MlflowClient, experiments: Sequence[str], name: str) -> MlflowRun | None:
    known = [found for each in experiments if (found := client.get_experiment_by_name(each)) is not None]
    wanted = f"tags.`remanence.kind` = 'sweep' and tags.`remanence.sweep_name` = '{name}'"
    found = client.search_runs(ids(known), wanted, order_by=["start_time"], max_results=1) if known else []
    return found[0] if found else None


def _named(client: MlflowClient, run: MlflowRun) -> str:
    return str(client.get_experiment(run.info.experiment_id).name)
