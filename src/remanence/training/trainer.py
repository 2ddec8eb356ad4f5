"""The Lightning trainer of a run, with its callbacks."""

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning import Trainer
from pytorch_lightning.callbacks import EarlyStopping
from pytorch_lightning.loggers.logger import Logger

from remanence.training.checkpoint import Checkpoint
from remanence.training.random_state import RandomState


def build_trainer(
    trainer: Mapping[str, Any], callbacks: Mapping[str, Any], *, logger: Logger, checkpoints: Path
) -> Trainer:
    """Return a trainer that stops early, keeps the best weights and can be resumed.

    Args:
        trainer: arguments of ``pytorch_lightning.Trainer``, see ``conf/trainer``.
        callbacks: what to watch, see ``conf/callbacks``.
        logger: of the run.
        checkpoints: folder for ``best.ckpt`` and ``last.ckpt``.
    """
    _hush()
    watched = {"monitor": callbacks["monitor"], "mode": callbacks["mode"]}
    used: list[Any] = [RandomState()]
    if callbacks["patience"] is not None:
        used.append(EarlyStopping(**watched, patience=callbacks["patience"], min_delta=callbacks["min_delta"]))
    # a subclass of Lightning's, which is called last: it writes what early stopping has counted in the epoch
    used.append(Checkpoint(checkpoints, **watched, seconds=callbacks["checkpoint_seconds"]))
    return Trainer(
        **trainer,
        callbacks=used,
        logger=logger,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        default_root_dir=checkpoints.parent,
    )


def _hush() -> None:
    """Silence Lightning's advertisement and the warnings that do not concern batches held in memory."""
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    for message in (".*does not have many workers.*", ".*The number of training batches.*", ".*isinstance.*LeafSpec.*"):
        warnings.filterwarnings("ignore", message=message)
