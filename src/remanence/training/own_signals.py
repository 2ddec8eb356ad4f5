"""Keeping Lightning from answering SIGTERM."""

import signal
import threading

from pytorch_lightning import Callback, LightningModule, Trainer


class OwnSignals(Callback):
    """Puts back the answer to SIGTERM that was there before the fit; a run's lifecycle decides what it means.

    Lightning's own tells the other processes in the middle of whatever they are doing together, and waits for them
    for ever.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember the answer, before Lightning takes its place."""
        self.answer = signal.getsignal(signal.SIGTERM)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Put it back."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.answer)
