"""``remanence train``: train a model from a configuration and track the result."""

import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.arguments import quote_verbatim, split
from remanence.configuration.folder import conf_folder
from remanence.configuration.hydra_globals import CURRENT
from remanence.configuration.marked_keys import names_file
from remanence.configuration.messages import explain
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.phases import phase, timed
from remanence.foundation.terminal import quiet
from remanence.foundation.trust import read_targets, trusting
from remanence.studies.kinds import amended, checked
from remanence.studies.run import take_part, train
from remanence.tracking.interruption import ending_at_once
from remanence.training.launcher import launched_rank
from remanence.verbs.fork import forked_configuration, origin_weights
from remanence.verbs.progress import Began, epochs_shown

RESUMABLE = ("trainer.", "tracking.system_metrics=", "tracking.uri=", "allowed_targets=", "figure_")
"""Beginnings of the overrides that a resumed run takes, beside the places of its files."""


def main(arguments: list[str]) -> int:
    """Run ``remanence train``."""
    with ending_at_once(), phase("composition"):
        return _main(arguments)


def _main(arguments: list[str]) -> int:
    """Resume or fork a run here; do everything else through Hydra."""
    if (rank := launched_rank()) is not None and {"-m", "--multirun"}.intersection(arguments):
        raise ConfigurationError("-m: processes of torchrun or srun train one run; start a sweep without them")
    if rank:  # rank 0 reads the command and tells the other ranks what to do
        return follow()
    with epochs_shown("run") as began:
        if resume_or_fork(arguments, began):
            return 0
    if asks_for_workers(arguments):
        from remanence.sweeps.pool import warm_up

        warm_up()  # what forks the workers imports while this process reads the command
    work = Work()
    application = hydra.main(config_path=str(conf_folder()), config_name="train", **CURRENT)(work.job)
    # argv[0], the name of the program, is replaced by the typed command, with which the run is tagged; Hydra ignores it
    argv, sys.argv = sys.argv, [shlex.join(["remanence", "train", *arguments]), *quote_verbatim(arguments)]
    try:
        application()
    except Exception as error:
        raise explain(error, conf_folder()) from error
    finally:
        sys.argv = argv
    if work.error is not None:
        raise work.error
    return 0


def resume_or_fork(arguments: Sequence[str], began: Began | None = None) -> bool:
    """Resume or fork a run if the arguments ask for it, and return whether they do.

    Args:
        arguments: arguments as typed.
        began: function that is called with the run as soon as the run is tracked.

    Raises:
        ConfigurationError: if there is no such run, or if the run cannot be resumed or forked with these arguments.
    """
    refuse_trial(arguments)
    given = dict(map(split, arguments))
    with trusting(read_targets(given.get("allowed_targets"))):
        if (wanted := given.get("resume")) is not None:
            resume(wanted, [argument for argument in arguments if not argument.startswith("resume=")], began)
            return True
        wanted = given.get("fork")
        if wanted is None or wanted == "null":
            return False
        fork(wanted, [argument for argument in arguments if not argument.startswith("fork=")], began)
        return True


def asks_for_workers(arguments: Sequence[str]) -> bool:
    """Return whether arguments as typed ask for a sweep in several processes of this machine.

    >>> [asks_for_workers(["-m", "seed=0,1", n_jobs]) for n_jobs in ("n_jobs=2", "n_jobs=1", "n_jobs=two")]
    [True, False, False]
    """
    given = dict(map(split, arguments))
    n_jobs = given.get("n_jobs") or ""
    is_sweep = not {"-m", "--multirun"}.isdisjoint(arguments)
    return is_sweep and n_jobs.isdecimal() and int(n_jobs) > 1 and "hydra/launcher" not in given


def refuse_trial(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError if the arguments set ``sweep.trial``, which only a sweep may set."""
    if any(split(argument)[0].lstrip("+") == "sweep.trial" for argument in arguments):
        raise ConfigurationError("sweep.trial: a sweep sets it, for its own trials; leave it out")


class Work:
    """The task function of Hydra: Hydra calls it for a single run, and its launchers call it for each trial of a sweep.

    A launcher may call it in another process.

    Args:
        is_quiet: whether to print no results.
    """

    def __init__(self, *, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet

    error: Exception | None = None
    """Error of a single run.

    It is stored and not raised, because Hydra would print its own report. The error of a trial goes to the study.
    """

    def job(self, cfg: DictConfig) -> Any:
        """Run the composed configuration."""
        with quiet() if self.is_quiet else nullcontext():
            return self._run(cfg)

    def _run(self, cfg: DictConfig) -> Any:
        if OmegaConf.select(cfg, "sweep.trial") is not None:
            from remanence.sweeps.trial import run_trial

            with timed():  # the time of the trial, not that of the sweep, which may run in the same process
                return run_trial(checked(cfg), train)
        try:
            values = checked(cfg)
            _check_mode()
            with epochs_shown(values.config or "run") as began:
                return train(values, began=began)
        except Exception as error:
            self.error = error
            return None


def _check_mode() -> None:
    chosen = HydraConfig.get()
    if chosen.mode == RunMode.RUN and chosen.runtime.choices.get("sweep") not in (None, "null"):
        raise ConfigurationError(f"sweep={chosen.runtime.choices['sweep']} is a search of several runs: add -m")


def resume(wanted: str, overrides: list[str], began: Began | None = None) -> None:
    """Resume an interrupted run in the same MLflow run; only keys about training and monitoring may change."""
    for override in overrides:
        if override in ("-m", "--multirun"):
            raise ConfigurationError("resume: one run is resumed at a time; -m cannot be combined with it")
        is_place = names_file(split(override)[0])  # a file may have been moved, but must have the same content
        if not is_place and not override.startswith(RESUMABLE):
            raise ConfigurationError(f"resume: only trainer.* may be changed, got '{override}'; fork= changes more")
    with importing():
        from remanence.studies.own_data import check_files
        from remanence.tracking.resume import epochs_trained, interrupted_run

    with interrupted_run(wanted, dict(map(split, overrides)).get("tracking.uri")) as (run_id, stored, checkpoint):
        overrides = [override for override in overrides if not override.startswith("tracking.uri=")]
        cfg = amended(stored, quote_verbatim(overrides))
        check_files(cfg.data, run_id)
        if overrides and checkpoint is not None and (done := epochs_trained(checkpoint)) > cfg.trainer.max_epochs:
            asked = cfg.trainer.max_epochs
            raise ConfigurationError(f"trainer.max_epochs: run {run_id} has trained {done} epochs already, got {asked}")
        weights = origin_weights if cfg.fork else None
        train(cfg, resume_run=run_id, resume_from=checkpoint, first_weights=weights, began=began)


def fork(wanted: str, overrides: list[str], began: Began | None = None) -> None:
    """Train a new run that starts from the weights of another run, with the configuration of that run.

    Args:
        wanted: id or name of the run to fork, or the address of a registered model.
        overrides: changes of the configuration.
        began: function that is called with the new run as soon as it is tracked.
    """
    train(forked_configuration(wanted, overrides), first_weights=origin_weights, began=began)


def follow() -> int:
    """Take part in the training as a rank above 0 that torchrun or srun started; rank 0 tracks, tests and logs."""
    from remanence.training.external_ranks import External

    External().follow(take_part)
    return 0
