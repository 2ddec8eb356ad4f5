"""``remanence train``: a configuration becomes a tracked result."""

import math
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.arguments import quote_verbatim, split
from remanence.configuration.build import build
from remanence.configuration.compose import amend, conf_folder
from remanence.configuration.messages import explain
from remanence.configuration.validate import check_objectives, objectives, validate
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.tracking.interruption import ending_at_once
from remanence.training.forkserver import warm_up
from remanence.training.launcher import launched_rank
from remanence.verbs.fork import forked_configuration, initial_weights

if TYPE_CHECKING:
    from remanence.training.pruned import Report
    from remanence.training.ranks import Ranks


def main(arguments: list[str]) -> int:
    """Answer ``remanence train``."""
    with ending_at_once():
        return _main(arguments)


def _main(arguments: list[str]) -> int:
    """Resume and fork here, do everything else through Hydra."""
    if (rank := launched_rank()) is not None and {"-m", "--multirun"}.intersection(arguments):
        raise ConfigurationError("-m: processes of torchrun or srun train one run; start a sweep without them")
    if rank:  # the first of them reads the command and tells the others
        return follow()
    given = dict(map(split, arguments))
    if any(key.lstrip("+") == "sweep.trial" for key in given):
        raise ConfigurationError("sweep.trial: a sweep sets it, for its own trials; leave it out")
    if given.get("resume") is not None:
        return resume(str(given["resume"]), [argument for argument in arguments if not argument.startswith("resume=")])
    if given.get("fork") not in (None, "null"):
        return fork(str(given["fork"]), [argument for argument in arguments if not argument.startswith("fork=")])
    work = Work()
    application = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="train")(work.job)
    # the program's name, which Hydra does not read, is the command as it was typed: the run is tagged with it
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


class Work:
    """What Hydra calls for a run, and its launchers for each trial of a sweep, in whatever process."""

    error: Exception | None = None
    """Of a single run; kept, not raised: Hydra would print a report of its own. Of a trial, the study is told."""

    def job(self, cfg: DictConfig) -> Any:
        """Run what is composed."""
        if OmegaConf.select(cfg, "sweep.trial") is not None:
            from remanence.sweeps.trial import run_trial

            return run_trial(validate(cfg), train)
        try:
            values = validate(cfg)
            _check_mode()
            return train(values)
        except Exception as error:
            self.error = error
            return None


def _check_mode() -> None:
    chosen = HydraConfig.get()
    if chosen.mode == RunMode.RUN and chosen.runtime.choices.get("sweep") not in (None, "null"):
        raise ConfigurationError(f"sweep={chosen.runtime.choices.sweep} is a search of several runs: add -m")


def resume(wanted: str, overrides: list[str]) -> int:
    """Go on with an interrupted run, in the same MLflow run; only how it is trained and watched may differ."""
    for override in overrides:
        if override in ("-m", "--multirun"):
            raise ConfigurationError("resume: one run is resumed at a time; -m cannot be combined with it")
        if not override.startswith(("trainer.", "tracking.system_metrics=", "tracking.uri=")):
            raise ConfigurationError(f"resume: only trainer.* may be changed, got '{override}'; fork= changes more")
    from remanence.tracking.resume import epochs_trained, interrupted_run

    run_id, stored, checkpoint = interrupted_run(wanted, dict(map(split, overrides)).get("tracking.uri"))
    overrides = [override for override in overrides if not override.startswith("tracking.uri=")]
    cfg = amend(stored, overrides)
    if overrides and checkpoint is not None and (done := epochs_trained(checkpoint)) > cfg["trainer"]["max_epochs"]:
        asked = cfg["trainer"]["max_epochs"]
        raise ConfigurationError(f"trainer.max_epochs: run {run_id} has trained {done} epochs already, got {asked}")
    train(cfg, resume_run=run_id, resume_from=checkpoint)
    return 0


def fork(wanted: str, overrides: list[str]) -> int:
    """Train a new run that starts from the weights of another, with its configuration but for ``overrides``."""
    train(forked_configuration(wanted, overrides))
    return 0


def train(
    cfg: dict[str, Any],
    *,
    resume_run: str | None = None,
    resume_from: Path | None = None,
    report: "Report | None" = None,
) -> tuple[float, ...]:
    """Train, test and log the model of a checked configuration.

    Args:
        cfg: plain values, as ``validate`` returns them.
        resume_run: id of an interrupted run to enter again.
        resume_from: its checkpoint.
        report: asks after an epoch whether the training should stop, see ``training.pruned``.

    Returns:
        the value of each ``objective``.

    Raises:
        UnknownObjective: if a trial of a sweep has no such metric.
    """
    data = build("data", cfg["data"]).open()  # before torch is imported: a data error is answered at once
    warm_up(cfg["trainer"])

    with importing():
        from pytorch_lightning import seed_everything

        from remanence.studies.run import known_fits, run
        from remanence.tracking.parameters import config_hash
        from remanence.tracking.start import start
        from remanence.training.devices import choose_ranks
        from remanence.training.initial_weights import begins, start_from
        from remanence.training.trainer import choose_trainer

    seed_everything(cfg["seed"], workers=True, verbose=False)
    model = build("model", cfg["model"], **data.shape)  # before a run is tracked: the data may not suit it
    ranks = choose_ranks(model, cfg["trainer"], take_part)
    make_trainer = choose_trainer(model, data, cfg, ranks)
    forks = cfg["fork"] and begins(resume_from, augmented=drawn_rows(cfg) is not None)
    weights = initial_weights(cfg, model, data) if forks else None
    baselines = {name: build(f"baselines.{name}", node, **data.flat_shape) for name, node in cfg["baselines"].items()}
    with start(cfg, data.sources, synthetic=data.synthetic, resume=resume_run) as tracked:
        trainer = make_trainer(logger=tracked.logger(), checkpoints=tracked.checkpoints, report=report)
        start_from(weights, trainer)
        metrics = run(
            data,
            model,
            trainer,
            tracked=tracked,
            baselines=baselines,
            known=known_fits(repr((cfg["data"], cfg["baselines"], data.sources))),
            augmentation=drawn_rows(cfg),
            brief=cfg["figures"] == "brief",
            quiet=bool(cfg["tracking"]["parent"]),
            resume_from=resume_from,
            together=ranks.joined(config_hash(cfg), cfg, tracked.checkpoints, resume_from, weights, report is not None),
        )
        if cfg["sweep"]["trial"] is not None:  # nobody else asks for it
            check_objectives(cfg, metrics)
    return tuple(metrics.get(name, math.nan) for name in objectives(cfg))


def follow() -> int:
    """Fit as one of the processes that torchrun or srun started; the first one tracks, tests and logs the run."""
    from remanence.training.external_ranks import External

    External().follow(take_part)
    return 0


def take_part(
    ranks: "Ranks",
    cfg: dict[str, Any],
    checkpoints: Path,
    resume_from: Path | None,
    weights: Mapping[str, Any] | None,
    reported: bool,
) -> None:
    """Fit as one process of a run that another one tracks, tests and logs.

    Args:
        ranks: the processes, seen from this one.
        cfg: of the run.
        checkpoints: folder of the run's.
        resume_from: its checkpoint.
        weights: to begin with, see ``fork``.
        reported: whether rank 0 asks after an epoch if the training should stop.
    """
    from pytorch_lightning import seed_everything

    from remanence.studies.run import study_of
    from remanence.tracking.parameters import config_hash
    from remanence.training.initial_weights import start_from
    from remanence.training.pruning import never
    from remanence.training.trainer import choose_trainer

    data = build("data", cfg["data"]).open()
    seed_everything(cfg["seed"], workers=True, verbose=False)
    model = build("model", cfg["model"], **data.shape)
    report = never if reported else None
    trainer = choose_trainer(model, data, cfg, ranks)(logger=None, checkpoints=checkpoints, report=report)
    start_from(weights, trainer)
    # the same network, but noise of its own for dropout and latents
    seed_everything((cfg["seed"] + ranks.rank) % 2**32, workers=True, verbose=False)
    study = study_of(data, None, augmentation=drawn_rows(cfg))
    with ranks.joined(config_hash(cfg)):
        study.fit(model, trainer, resume_from=resume_from)


def drawn_rows(cfg: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the settings of a second training on drawn rows; None if there is none."""
    settings: Mapping[str, Any] = cfg["augmentation"]
    return None if settings["kind"] == "none" else settings
