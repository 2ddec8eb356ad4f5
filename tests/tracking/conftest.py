import signal
import socket

import pytest

TEN_EPOCHS = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=10",
    "callbacks.checkpoint_seconds=0",
    "~baselines.random_forest",
)


@pytest.fixture
def ten_epochs():
    """The command line of a run of ten epochs that writes a checkpoint after each."""
    return TEN_EPOCHS


@pytest.fixture
def nobody():
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def stop(command, all_runs, monkeypatch):
    """Train until epoch 4, stop there by a signal or an exception, and return the answer and the MLflow run."""

    def run(how: signal.Signals | Exception, *arguments: str):
        from remanence.models.dnn import DNN

        untouched = DNN.validation_step

        def validation_step(self, batch, batch_index):
            if self.current_epoch == 4 and isinstance(how, Exception):
                raise how
            if self.current_epoch == 4:
                signal.raise_signal(how)
            untouched(self, batch, batch_index)

        with monkeypatch.context() as patched:
            patched.setattr(DNN, "validation_step", validation_step)
            result = command("train", *TEN_EPOCHS, *arguments)
        (stopped,) = all_runs()
        return result, stopped

    return run
