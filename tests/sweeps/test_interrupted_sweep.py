"""Ctrl-C in the middle of a trial, and the same command again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from remanence.models.dnn import DNN
from remanence.training.stacked import stacked_fit

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


@pytest.mark.usefixtures("unillustrated")
def test_the_same_command_finishes_what_was_interrupted_with_the_same_numbers(
    command, interrupt, parent, children, trials, client, all_runs
):
    one_by_one = (*SWEEP, "hydra.sweeper.fuse=off")
    stopped = interrupt(signal.SIGINT, lambda: command("train", *one_by_one))

    assert stopped.code == 130
    assert "Traceback" not in stopped.err
    assert [run.info.status for run in (parent(), *children())] == ["KILLED", "FINISHED", "KILLED"]
    assert children()[1].data.tags["remanence.signal"] == "SIGINT"
    assert [trial.state.name for trial in trials("mine")] == ["COMPLETE", "WAITING"]
    ids = [run.info.run_id for run in (parent(), *children())]

    again = command("train", *one_by_one)

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


@pytest.mark.usefixtures("unillustrated")
@pytest.mark.parametrize("fuse", ["auto", "off"])
def test_trials_that_trained_together_go_on_from_their_checkpoints(
    command, monkeypatch, parent, children, trials, client, all_runs, fuse
):
    run_epoch = stacked_fit._Training.run_epoch

    def interrupted(self):
        if self.courses[0].epoch == 4:
            signal.raise_signal(signal.SIGINT)
        return run_epoch(self)

    with monkeypatch.context() as patched:
        patched.setattr(stacked_fit._Training, "run_epoch", interrupted)
        stopped = command("train", *SWEEP)

    assert stopped.code == 130
    assert "Traceback" not in stopped.err
    assert [run.info.status for run in (parent(), *children())] == ["KILLED"] * 3
    assert [run.data.tags["remanence.signal"] for run in children()] == ["SIGINT"] * 2
    assert [trial.state.name for trial in trials("mine")] == ["WAITING"] * 2
    ids = [run.info.run_id for run in (parent(), *children())]

    again = command("train", *SWEEP, f"hydra.sweeper.fuse={fuse}")

    assert again.code == 0, again.err
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 3
    assert [run.info.run_id for run in (parent(), *children())] == ids
    for resumed in children():
        steps = [point.step for point in client.get_metric_history(resumed.info.run_id, "train/loss")]
        assert steps == list(range(10)), "epochs are logged once"
    assert command("train", *TEN_EPOCHS, "model.lr=0.02", "figures=brief").code == 0
    (alone,) = [run for run in all_runs() if run.info.run_id not in ids]
    assert alone.data.metrics == pytest.approx(children()[1].data.metrics, rel=1e-4, abs=1e-6, nan_ok=True)


LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=250",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "figures=brief",
    "sweep.name=mine",
    "seed=0,1,2",
    "n_jobs=2",
    "hydra.sweeper.fuse=off",
)


@pytest.fixture
def start(outputs):
    """Start the sweep as a process with a terminal's group of its own."""
    started = []

    def run():
        command = [sys.executable, "-m", "remanence", "train", "-m", *LONG]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_stops_a_sweep_of_two_processes(start, outputs, parent, children, trials, client):
    process = start()
    deadline = time.monotonic() + 180
    while len(list(outputs.glob("sweeps/mine/*/checkpoints/last.ckpt"))) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)

    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all processes
    out, errors = process.communicate(timeout=60)

    assert process.returncode == 130, errors
    assert "sweep mine: interrupted, 0 of 3 trials have ended; the same command goes on" in out
    assert errors == ""
    assert [run.info.status for run in (parent(), *children())] == ["KILLED"] * 3
    assert [trial.state.name for trial in trials("mine")] == ["WAITING"] * 2
    ids = [run.info.run_id for run in (parent(), *children())]

    again = start()
    out, errors = again.communicate(timeout=300)

    assert again.returncode == 0, errors
    assert "mine: 3 ok, 0 pruned, 0 failed, 0 skipped" in out
    assert [run.info.run_id for run in (parent(), *children())][:3] == ids
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 4
    assert [trial.value for trial in trials("mine")] == [run.data.metrics["val/mse"] for run in children()]
    for run in children():
        steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
        # an epoch is logged after its checkpoint is written: that between them may be missing
        assert 249 <= len(set(steps)) == len(steps)
        assert steps[-1] == 249


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.0, 4.0])
def test_ctrl_c_while_a_sweep_begins_is_quiet(start, seconds):
    process = start()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)

    os.killpg(process.pid, signal.SIGINT)

    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (130, "")
