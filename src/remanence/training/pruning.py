"""Asking after every epoch of a Lightning training whether it should go on."""

from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer

from remanence.training.report import Pruned, Report


class Pruning(Callback):
    """Ends a training in the way ``max_epochs`` does, so that its checkpoints are written.

    ``raise_if_pruned`` then raises ``Pruned``.

    Args:
        report: function that is given all metrics of an epoch and returns whether to stop. Each process calls its own;
            the training stops as soon as one returns True.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.epochs: int | None = None
        """Number of epochs trained when the training was pruned; None if it was not."""

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the epoch with its validation; the last epoch is reported too but can no longer be pruned."""
        metrics = {key: float(value) for key, value in trainer.callback_metrics.items()}
        stop = trainer.strategy.reduce_boolean_decision(self.report(metrics, trainer.current_epoch), all=False)
        done = trainer.current_epoch + 1
        if stop and done != trainer.max_epochs:
            self.epochs = done
            trainer.should_stop = True

    def state_dict(self) -> dict[str, Any]:
        """Return after how many epochs the training was pruned, to be stored in ``last.ckpt``."""
        return {"epochs": self.epochs}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` returned."""
        self.epochs = state_dict["epochs"]


def raise_if_pruned(trainer: Trainer) -> None:
    """Raise ``Pruned`` if a report ended the fit, unless early stopping ended it in the same epoch."""
    early = trainer.early_stopping_callback  # Lightning calls it after all other callbacks
    if early is not None and early.wait_count >= early.patience:
        return
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if isinstance(callback, Pruning) and callback.epochs is not None:
            raise Pruned(callback.epochs)


def never(metrics: object, epoch: int) -> bool:
    """Never ask to stop: the report of a process that leaves the decision to another."""
    return False
