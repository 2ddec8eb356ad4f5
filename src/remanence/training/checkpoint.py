"""The best weights in memory, and a file to resume from every few seconds.

Lightning's ``ModelCheckpoint`` writes a file whenever the monitored value improves. That costs 18 ms an epoch, more
than the training of a small network. Here an improved epoch costs one copy of the weights in memory.
"""

import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning import callbacks as lightning
from torch import Tensor

from remanence.training.checkpoint_file import whole_checkpoint
from remanence.training.sharded import whole_weights
from remanence.training.stamp import stamped_by


class Checkpoint(lightning.Checkpoint):
    """Keep the weights of the best epoch; write ``last.ckpt`` while fitting and ``best.ckpt`` at its end.

    Each file is written under a temporary name and then renamed, so that an interruption or a full disk leaves the
    previous file intact. The files hold plain values and tensors only. ``last.ckpt`` always holds the state at the end
    of an epoch: a resumed run repeats at most ``seconds`` of training and ends with the same numbers as an
    uninterrupted one.

    Args:
        folder: folder for both files.
        monitor: logged metric that decides which epoch is best.
        mode: ``min`` if the lowest value of ``monitor`` is best, ``max`` if the highest is.
        seconds: least time between two writes of ``last.ckpt``.
        weights: ``last`` lets those of the last epoch be the best ones, for a learning rate that has fallen to 0 then.
    """

    def __init__(
        self,
        folder: Path,
        *,
        monitor: str = "val/loss",
        mode: str = "min",
        seconds: float = 10.0,
        weights: Literal["best", "last"] = "best",
    ) -> None:
        self.folder = folder
        self.monitor = monitor
        self.sign = 1.0 if mode == "min" else -1.0
        self.seconds = seconds
        self.weights = weights
        self.best_score: float | None = None
        self.best_epoch: int | None = None
        self.best_weights: dict[str, Tensor] = {}
        self.stopped = False
        self.metrics: dict[str, float] = {}
        """Metrics of the last epoch, and which it was: Lightning logs those of training after this callback."""
        self._written = time.monotonic()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Go on as the resumed training ended: by now every strategy has restored its state.

        Stop at once if it was stopped early, and log what it may have been killed before it could log.
        """
        if self.metrics and trainer.logger is not None:
            trainer.logger.log_metrics(self.metrics)
        trainer.should_stop = trainer.should_stop or self.stopped

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Copy the weights if the monitored metric improved."""
        if trainer.sanity_checking or self.monitor not in trainer.callback_metrics:
            return
        if self.weights == "last" and trainer.current_epoch + 1 == trainer.max_epochs:
            self.forget()
        score = float(trainer.callback_metrics[self.monitor])
        if self.best_score is None or self.sign * score < self.sign * self.best_score:
            self.best_score = score
            with whole_weights(trainer):
                self.keep(pl_module, trainer.current_epoch)

    def keep(self, model: LightningModule, epoch: int) -> None:
        """Copy the weights of ``model`` as the best so far."""
        self.best_epoch = epoch
        self.best_weights = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def forget(self) -> None:
        """Forget the best epoch, because errors of two stages of a schedule do not compare."""
        self.best_score, self.best_epoch, self.best_weights = None, None, {}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write ``last.ckpt`` if, by the clock of any process, the last write is ``seconds`` ago."""
        self.stopped = trainer.should_stop
        self.metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.metrics["epoch"] = trainer.current_epoch
        due = time.monotonic() - self._written >= self.seconds
        if trainer.strategy.reduce_boolean_decision(due, all=False):  # all processes take part in a write
            self.write(trainer, "last.ckpt")
            self._written = time.monotonic()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write ``last.ckpt``, then put the best weights into the model and write ``best.ckpt``."""
        self.write(trainer, "last.ckpt")
        if self.best_weights:
            with whole_weights(trainer):
                pl_module.load_state_dict(self.best_weights)
        self.write(trainer, "best.ckpt", weights_only=True)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Add the run and the time of its fit, so that no other run is resumed from this checkpoint."""
        checkpoint |= stamped_by(trainer.logger)()

    def write(self, trainer: Trainer, name: str, *, weights_only: bool = False) -> None:
        """Write a checkpoint under ``folder``; the file appears whole or not at all.

        The logger sends what it holds back before: a training that is resumed does not repeat these epochs.
        """
        getattr(trainer.logger, "flush", lambda: None)()
        path = self.folder / name
        with whole_checkpoint(path) if trainer.is_global_zero else nullcontext(path) as unfinished:
            trainer.save_checkpoint(unfinished, weights_only=weights_only)  # only rank 0 writes

    def state_dict(self) -> dict[str, Any]:
        """Return what ``last.ckpt`` stores: the best epoch, whether training was stopped early, the last metrics."""
        best = {"score": self.best_score, "epoch": self.best_epoch, "weights": self.best_weights}
        return {**best, "stopped": self.stopped, "metrics": self.metrics}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` returned."""
        self.stopped = state_dict["stopped"]
        self.metrics = state_dict.get("metrics", {})  # an earlier release did not store them
        self.best_score = state_dict["score"]
        self.best_epoch = state_dict["epoch"]
        self.best_weights = {name: torch.as_tensor(value) for name, value in state_dict["weights"].items()}
