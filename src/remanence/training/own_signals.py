"""Keeping Lightning from handling SIGTERM."""

import signal
import threading

from pytorch_lightning import Callback, LightningModule, Trainer


class OwnSignals(Callback):
    """Restores the SIGTERM handler that was there before the fit; the lifecycle of a run decides what SIGTERM does.

    Lightning's own handler messages the other processes in the middle of a collective operation, and then waits for
    them for ever.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember the handler before Lightning replaces it."""
        self.answer = signal.getsignal(signal.SIGTERM)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Restore the remembered handler."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.answer)
