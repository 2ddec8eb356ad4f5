"""Asking after every epoch of a Lightning training whether it should go on."""

from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer

from remanence.training.report import Pruned, Report


class Pruning(Callback):
    """Ends a training as ``max_epochs`` would, so that its checkpoints are written; ``raise_if_pruned`` comes after.

    Args:
        report: is given all metrics of the epoch; of several processes each asks its own, and one yes suffices.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.epochs: int | None = None
        """Trained when it was pruned."""

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the epoch, validation included; after the last one there is nothing left to prune."""
        metrics = {key: float(value) for key, value in trainer.callback_metrics.items()}
        stop = trainer.strategy.reduce_boolean_decision(self.report(metrics, trainer.current_epoch), all=False)
        done = trainer.current_epoch + 1
        if stop and done != trainer.max_epochs:
            self.epochs = done
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """Return whether it was pruned; it travels inside ``last.ckpt``."""
        return {"epochs": self.epochs}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a resumed checkpoint."""
        self.epochs = state_dict["epochs"]


def raise_if_pruned(trainer: Trainer) -> None:
    """Raise ``Pruned`` after a fit that a report ended, unless early stopping has ended it in the same epoch."""
    early = trainer.early_stopping_callback  # Lightning asks it after all others
    if early is not None and early.wait_count >= early.patience:
        return
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if isinstance(callback, Pruning) and callback.epochs is not None:
            raise Pruned(callback.epochs)


def never(metrics: object, epoch: int) -> bool:
    """Report nothing: of a process that leaves the decision to another."""
    return False
