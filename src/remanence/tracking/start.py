"""Creating a run or resuming one: parameters, tags, lineage and environment are logged before the training."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Experiment, RunTag
from mlflow.entities import Run as MlflowRun
from mlflow.exceptions import MlflowException
from mlflow.utils.time import get_current_time_millis

from remanence.data.source import Source
from remanence.foundation.phases import phase
from remanence.tracking.address import tracking_uri, without_secrets
from remanence.tracking.claim import CLAIM_TAG, claimed, first_claim
from remanence.tracking.compared_run import COMPARED_TAG
from remanence.tracking.created_once import created_once
from remanence.tracking.database import connect, open_experiment, reach, usable_experiment
from remanence.tracking.delivery import remember_place
from remanence.tracking.environments import log_environment
from remanence.tracking.experiment_name import experiment_name
from remanence.tracking.first_tags import first_tags, run_name
from remanence.tracking.interruption import Interrupted, unhurried
from remanence.tracking.lifecycle import lifecycle
from remanence.tracking.own_checkpoints import seconds_of_own_checkpoints, set_aside_checkpoints
from remanence.tracking.parameters import parameters
from remanence.tracking.paths_below import refuse_folder_tag
from remanence.tracking.patience import tell
from remanence.tracking.process import Owner
from remanence.tracking.recorded_sources import dataset_input
from remanence.tracking.reentry import check_unchanged, resume_command, write_parameters
from remanence.tracking.run import OWNER_TAG, Run
from remanence.tracking.search import experiment_of
from remanence.tracking.stored_configuration import FILE, stored_configuration
from remanence.tracking.system_metrics import system_metrics
from remanence.tracking.tracked_configuration import TrackedConfiguration
from remanence.tracking.writable import check_outputs, shared
from remanence.training.report import Pruned
from remanence.training.shared_in_meeting import shared_in_meeting


@contextmanager
def start(
    cfg: TrackedConfiguration,
    sources: Sequence[Source],
    *,
    synthetic: bool,
    compared: Sequence[str] = (),
    resume: str | None = None,
) -> Iterator[Run]:
    """Create the run of a resolved configuration, or enter the run ``resume`` again, and set its status.

    Args:
        cfg: checked configuration.
        sources: sources of the data that the run reads, the main one first; each becomes a dataset input of MLflow.
        synthetic: whether the rows were simulated; such runs are marked in tags and titles.
        compared: metrics by which the run is compared with others, see ``tracking.comparison``.
        resume: id of an interrupted run. Its parameters stay; those that differ now are written as tags.

    Raises:
        ConfigurationError: if the interrupted run's folder holds a checkpoint of another run.
        DataError: if a file has changed since the interrupted run read it.
    """
    with phase("tracking"):
        run, found = _entered(cfg, sources, synthetic=synthetic, compared=compared, resume=resume)
    outputs = run.outputs
    with (
        shared(outputs),
        claimed(run),
        unhurried(),
        _hint(run, cfg),
        run.client.gathering(),
        lifecycle(run),
        _pruning(run, keep_checkpoints=cfg.keeps_pruned),
        system_metrics(run, enabled=cfg.tracking.system_metrics),
    ):
        with phase("tracking"):
            run.log_text(stored_configuration(cfg), FILE)
            run.client.deliver()  # first: without it a run cannot be resumed
            write_parameters(run.client, found, parameters(cfg.plain), places=cfg.file_keys)
            if not found.inputs.dataset_inputs:
                run.client.log_inputs(run.id, [dataset_input(source) for source in sources])
            log_environment(run, resumed=resume is not None)
            run.client.deliver()
        yield run


def _entered(
    cfg: TrackedConfiguration,
    sources: Sequence[Source],
    *,
    synthetic: bool,
    compared: Sequence[str],
    resume: str | None,
) -> tuple[Run, MlflowRun]:
    """Create a run, or find the one that is resumed, see ``start``."""
    outputs = Path(cfg.paths.outputs)
    check_outputs(outputs)
    refuse_folder_tag(cfg.tracking.tags)
    uri = tracking_uri(cfg.tracking.uri, outputs)
    patience = cfg.tracking.patience
    is_trial = bool(cfg.tracking.parent)
    client = connect(uri, patience=patience if is_trial else 0.0, again=is_trial)
    if resume is None:
        found = _created(cfg, sources, client, uri, synthetic=synthetic, compared=compared)
    else:
        found = client.get_run(resume)
    run = Run.of(found, client, uri=without_secrets(uri), outputs=outputs, patience=patience)
    run.formats = cfg.figure_formats
    if resume is None:
        run.client.created = found
        set_aside_checkpoints(run)
    else:
        found = run.found = run.client.get_run(resume)  # now also with what its last process could not send
        instead = f"or start a new run with fork={resume}"
        check_unchanged(found, sources, instead=instead)
        run.fitted_before = seconds_of_own_checkpoints(run)
    return run, found


def _created(
    cfg: TrackedConfiguration,
    sources: Sequence[Source],
    client: MlflowClient,
    uri: str,
    *,
    synthetic: bool,
    compared: Sequence[str],
) -> MlflowRun:
    """Create the MLflow run of a configuration, claimed by this process."""
    outputs, patience = Path(cfg.paths.outputs), cfg.tracking.patience
    origin = reach(lambda: _experiment_of_origin(client, cfg), uri, patience)
    named = experiment_name(cfg, sources) if origin is None else origin.name
    tags = first_tags(cfg, sources[0], synthetic=synthetic, experiment=named)
    if compared:
        tags[COMPARED_TAG] = " ".join(compared)
    tags[CLAIM_TAG] = reach(lambda: first_claim(client), uri, patience)
    tags[OWNER_TAG] = Owner.this_process().to_text()
    if origin is None:
        experiment = reach(lambda: open_experiment(client, uri, named, outputs), uri, patience)
    else:
        experiment = usable_experiment(origin, uri, outputs)
    found = reach(_Creation(client, experiment, run_name(cfg, sources[0]), tags), uri, patience)
    remember_place(client, found.info.run_id, found.info.artifact_uri)
    return found


def _experiment_of_origin(client: MlflowClient, cfg: TrackedConfiguration) -> Experiment | None:
    """Return the experiment of a trial's sweep, or of a forked run unless the configuration names another.

    None if the run is neither, or if this database does not have the run that was forked.
    """
    origin = cfg.tracking.parent or (None if cfg.tracking.experiment else cfg.fork)
    if origin is None:
        return None
    try:
        number = experiment_of(client, origin)
        address = f"experiment {number} at {client.tracking_uri}"
        return shared_in_meeting(address, lambda: client.get_experiment(number))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None


class _Creation:
    """Creates a run once, however often it is called: a try may have created it although its answer was lost."""

    def __init__(self, client: MlflowClient, experiment: str, name: str, tags: dict[str, str]) -> None:
        self.client, self.experiment, self.name, self.tags = client, experiment, name, tags
        self.began = get_current_time_millis()
        self.tried = False

    def __call__(self) -> MlflowRun:
        """Return the run; create it if there is none."""
        if self.tried and (found := self._find()) is not None:
            return found
        self.tried = True
        return created_once(self._create, self._find)

    def _create(self) -> MlflowRun:
        return self.client.create_run(self.experiment, start_time=self.began, run_name=self.name, tags=self.tags)

    def _find(self) -> MlflowRun | None:
        """Return the run, which began at this millisecond and has this configuration."""
        shared_by_equal = self.tags["remanence.config_hash"]
        wanted = f"attributes.start_time = {self.began} and tags.`remanence.config_hash` = '{shared_by_equal}'"
        found = self.client.search_runs([self.experiment], wanted, max_results=1)
        return found[0] if found else None


@contextmanager
def _hint(run: Run, cfg: TrackedConfiguration) -> Iterator[None]:
    """When a run is stopped, print the command that resumes it; for trials, the sweep prints its own command."""
    try:
        yield
    except Interrupted as stopped:
        if not cfg.tracking.parent:
            command = resume_command(run.id, run.uri, Path(cfg.paths.outputs), style=cfg.figure_style)
            with suppress(OSError):  # the terminal may be gone
                tell(f"stopped by {stopped.signal.name}; to go on: {command}")
        raise


@contextmanager
def _pruning(run: Run, *, keep_checkpoints: bool) -> Iterator[None]:
    """Mark a run that is pruned, that is, stopped because other trials are better.

    Its checkpoints, which take most of its disk space, are removed unless ``keep_checkpoints`` is set.
    """
    try:
        yield
    except Pruned as pruned:
        tags = {"remanence.outcome": "pruned", "remanence.epochs": str(pruned.epochs)}
        run.client.log_batch(run.id, tags=[RunTag(key, value) for key, value in tags.items()])
        if not keep_checkpoints:
            shutil.rmtree(run.checkpoints, ignore_errors=True)
        raise
