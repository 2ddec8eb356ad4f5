"""Ctrl-C in the middle of a trial, and the same command again."""

import signal

import pytest

from remanence.models.dnn import DNN

TEN_EPOCHS = (
    "experiment=piezo/single",
    "data.replicates=4",
    "trainer.max_epochs=10",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
)
SWEEP = ("-m", *TEN_EPOCHS, "model.lr=0.01,0.02", "sweep.name=mine")


@pytest.fixture
def interrupt(monkeypatch):
    """Let a signal come in epoch 4 of the trial with a learning rate of 0.02."""
    untouched = DNN.validation_step

    def run(number, call):
        def validation_step(self, batch, batch_index):
            if self.current_epoch == 4 and self.hparams["lr"] == 0.02:
                signal.raise_signal(number)
            untouched(self, batch, batch_index)

        with monkeypatch.context() as patched:
            patched.setattr(DNN, "validation_step", validation_step)
            return call()

    return run


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.usefixtures("unillustrated")
def test_the_same_command_finishes_what_was_interrupted_with_the_same_numbers(
    command, interrupt, parent, children, trials, client, all_runs, number, code
):
    stopped = interrupt(number, lambda: command("train", *SWEEP))

    assert stopped.code == code
    assert "Traceback" not in stopped.err
    assert [run.info.status for run in (parent(), *children())] == ["KILLED", "FINISHED", "KILLED"]
    assert children()[1].data.tags["remanence.signal"] == number.name
    assert [trial.state.name for trial in trials("mine")] == ["COMPLETE", "WAITING"]
    ids = [run.info.run_id for run in (parent(), *children())]

    again = command("train", *SWEEP)

    assert again.code == 0, again.err
    assert "sweep mine: 1 of 2 trials have ended, going on" in again.out
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 3
    assert [run.info.run_id for run in (parent(), *children())] == ids
    assert [trial.state.name for trial in trials("mine")] == ["COMPLETE", "COMPLETE"]
    resumed = children()[1]
    steps = [point.step for point in client.get_metric_history(resumed.info.run_id, "train/loss")]
    assert steps == list(range(10)), "epochs are logged once"
    assert trials("mine")[1].value == resumed.data.metrics["val/mse"]

    assert command("train", *TEN_EPOCHS, "model.lr=0.02", "figures=brief").code == 0
    (alone,) = [run for run in all_runs() if run.info.run_id not in ids]
    assert alone.data.metrics == resumed.data.metrics
