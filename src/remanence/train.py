"""``remanence train``: a configuration becomes a tracked result."""

import sys
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from remanence.configuration.arguments import quote_verbatim, split
from remanence.configuration.build import build
from remanence.configuration.compose import amend, conf_folder
from remanence.configuration.messages import explain
from remanence.configuration.validate import validate
from remanence.errors import ConfigurationError


def main(arguments: list[str]) -> int:
    """Answer ``remanence train``: resume here, everything else through Hydra."""
    given = dict(map(split, arguments))
    if given.get("resume") is not None:
        return resume(str(given["resume"]), [argument for argument in arguments if not argument.startswith("resume=")])
    outcomes: list[float | Exception] = []

    def job(cfg: DictConfig) -> float | Exception:
        try:
            _check_mode()
            outcomes.append(train(validate(cfg)))
        except Exception as error:  # returned, not raised: Hydra would print a report of its own
            outcomes.append(error)
        return outcomes[-1]

    application = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="train")(job)
    argv, sys.argv = sys.argv, ["remanence", *quote_verbatim(arguments)]
    try:
        application()
    except Exception as error:
        raise explain(error, conf_folder()) from error
    finally:
        sys.argv = argv
    if len(outcomes) == 1 and isinstance(outcomes[0], Exception):  # of a sweep, the sweeper speaks
        raise outcomes[0]
    return 0


def _check_mode() -> None:
    chosen = HydraConfig.get()
    if chosen.mode == RunMode.RUN and chosen.runtime.choices.get("sweep") not in (None, "null"):
        raise ConfigurationError(f"sweep={chosen.runtime.choices.sweep} is a search of several runs: add -m")


def resume(wanted: str, overrides: list[str]) -> int:
    """Go on with an interrupted run, in the same MLflow run; only ``trainer.*`` may differ."""
    for override in overrides:
        if override in ("-m", "--multirun"):
            raise ConfigurationError("resume: one run is resumed at a time; -m cannot be combined with it")
        if not override.startswith("trainer."):
            raise ConfigurationError(f"resume: only trainer.* may be changed, got '{override}'")
    from remanence.tracking.resume import interrupted_run

    run_id, stored, checkpoint = interrupted_run(wanted)
    train(amend(stored, overrides), resume_run=run_id, resume_from=checkpoint)
    return 0


def train(cfg: dict[str, Any], *, resume_run: str | None = None, resume_from: Path | None = None) -> float:
    """Train, test and log the model of a checked configuration.

    Args:
        cfg: plain values, as ``validate`` returns them.
        resume_run: id of an interrupted run to enter again.
        resume_from: its checkpoint.

    Returns:
        the value of ``objective``.
    """
    data = build("data", cfg["data"]).open()  # before torch is imported: a data error is answered at once

    from pytorch_lightning import seed_everything

    from remanence.run import run
    from remanence.tracking.start import start
    from remanence.training.trainer import choose_trainer

    seed_everything(cfg["seed"], workers=True, verbose=False)
    model = build("model", cfg["model"], **data.shape)  # before a run is tracked: the data may not suit it
    baselines = {name: build(f"baselines.{name}", node, **data.flat_shape) for name, node in cfg["baselines"].items()}
    with start(cfg, data.sources, synthetic=data.synthetic, resume=resume_run) as tracked:
        trainer = choose_trainer(model, data, cfg, logger=tracked.logger(), checkpoints=tracked.checkpoints)
        metrics = run(
            data,
            model,
            trainer,
            tracked=tracked,
            baselines=baselines,
            augmentation=None if cfg["augmentation"]["kind"] == "none" else cfg["augmentation"],
            brief=cfg["figures"] == "brief",
            quiet=bool(cfg["tracking"]["parent"]),
            resume_from=resume_from,
        )
    if cfg["objective"] not in metrics:
        raise ConfigurationError(f"objective: no metric '{cfg['objective']}'; there are: {', '.join(sorted(metrics))}")
    return metrics[cfg["objective"]]
