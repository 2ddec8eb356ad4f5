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
from remanence.tracking.database import connect, open_experiment
from remanence.tracking.interruption import unhurried
from remanence.tracking.limits import RUN_NAME_LENGTH
from remanence.tracking.paths_below import FOLDER_TAG, refuse_folder_tag
from remanence.tracking.run import Run, lifecycle
from remanence.tracking.start import configuration_name, provenance_tags
from remanence.tracking.writable import shared


def finished_parent(cfg: Configuration, name: str) -> Run | None:
    """Return the parent run of a sweep; None if it is not FINISHED, as when the process died before it ended the run.

    Args:
        cfg: resolved configuration of one of the trials.
        name: name of the sweep.
    """
    outputs = Path(cfg.paths.outputs)
    uri = tracking_uri(cfg.tracking.uri, outputs)
    client = connect(uri)
    experiment = client.get_experiment_by_name(_paper(cfg))
    found = None if experiment is None else _find(client, experiment.experiment_id, name)
    if found is None or found.info.status != "FINISHED":
        return None
    return Run.of(found, client, uri=without_secrets(uri), outputs=outputs)


@contextmanager
def parent_run(cfg: Configuration, name: str, space: Space, arguments: Sequence[str], url: str) -> Iterator[Run]:
    """Create the parent run of a sweep, or enter it again, and set its status.

    Args:
        cfg: resolved configuration of one of the trials.
        name: name of the sweep.
        space: search space.
        arguments: overrides of the sweep, as typed.
        url: address of the study's database.
    """
    outputs = Path(cfg.paths.outputs)
    refuse_folder_tag(cfg.tracking.tags)
    uri = tracking_uri(cfg.tracking.uri, outputs)
    client = connect(uri)
    paper = _paper(cfg)
    experiment = open_experiment(client, uri, paper, outputs)
    tags = {
        "remanence.kind": "sweep",
        "remanence.sweep_name": name,
        "remanence.config": configuration_name(cfg),
        "remanence.paper": paper,
        FOLDER_TAG: f"sweeps/{name}",
        **provenance_tags(),
        **cfg.tracking.tags,
    }
    with study_lock(url):
        found = _find(client, experiment, name)
        if found is None:
            searched = " ".join(f"{key}={text}" for key, text in space.texts.items()) or "single"
            found = client.create_run(
                experiment,
                start_time=get_current_time_millis(),
                run_name=f"sweep {searched}"[:RUN_NAME_LENGTH],
                tags=tags,
            )
    run = Run.of(found, client, uri=without_secrets(uri), outputs=outputs, patience=cfg.tracking.patience)
    run.formats = cfg.figure_formats
    run.client.set_tag(run.id, "remanence.sweep", run.id)  # its trials have the same tag: one filter finds all
    with shared(outputs), unhurried(), lifecycle(run):
        run.log_text("\n".join(map(argument_without_secrets, arguments)) + "\n", "sweep.txt")
        yield run


def _paper(cfg: Configuration) -> str:
    return configuration_name(cfg).split("/")[0]


def _find(client: MlflowClient, experiment: str, name: str) -> MlflowRun | None:
    wanted = f"tags.`remanence.kind` = 'sweep' and tags.`remanence.sweep_name` = '{name}'"
    found = client.search_runs([experiment], wanted, order_by=["start_time"], max_results=1)
    return found[0] if found else None
