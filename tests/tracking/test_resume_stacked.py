"""A stacked training that is killed goes on where it was."""

import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

COMMON = (
    "experiment=piezo/ns_to_qs",
    "data.replicates=3",
    "callbacks.checkpoint_seconds=0",
    "ensemble.folds=2",
    "ensemble.repeats=2",
    "figures=brief",
    "baselines=quick",
    "baselines.random_forest.n_estimators=5",
)
TEN_EPOCHS = (*COMMON, "trainer.max_epochs=10")
LONG = (*COMMON, "trainer.max_epochs=400", "callbacks.patience=null")


@pytest.fixture
def uninterrupted(command, all_runs, client, outputs):
    """Return the metrics of a run left alone; the run and its checkpoint are forgotten."""

    def run(*arguments):
        result = command("train", *arguments)
        assert result.code == 0, result.err
        (whole,) = all_runs()
        client.delete_run(whole.info.run_id)
        (outputs / "runs" / whole.info.run_id / "checkpoints" / "last.ckpt").unlink()
        return whole.data.metrics

    return run


@pytest.mark.parametrize("how", [signal.SIGTERM, RuntimeError("no")], ids=["killed", "failed"])
def test_a_resumed_ensemble_ends_as_the_uninterrupted_one(command, client, all_runs, monkeypatch, uninterrupted, how):
    from remanence.training.stacked.stacked_fit import _Training

    expected, untouched = uninterrupted(*TEN_EPOCHS), _Training.run_epoch

    def run_epoch(self):
        if self.epoch == 4 and isinstance(how, Exception):
            raise how
        if self.epoch == 4:
            signal.raise_signal(how)
        untouched(self)

    with monkeypatch.context() as patched:
        patched.setattr(_Training, "run_epoch", run_epoch)
        assert command("train", *TEN_EPOCHS).code != 0
    (run,) = all_runs()

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert resumed.data.metrics == expected
    for key in ("train/loss", "val/loss"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert sorted(steps) == list(range(10))


@pytest.mark.slow
def test_an_ensemble_killed_without_warning_is_resumed_to_the_same_metrics(
    command, client, all_runs, outputs, uninterrupted
):
    expected = uninterrupted(*LONG)
    process = subprocess.Popen(
        [sys.executable, "-m", "remanence", "train", *LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 120
        while not list(outputs.glob("runs/*/checkpoints/last.ckpt")):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"ended with {process.wait(timeout=0.05)}: {process.communicate()}")
            assert time.monotonic() < deadline, "no checkpoint after two minutes"
    finally:
        process.kill()
        process.communicate()
    (run,) = all_runs()
    assert run.info.status == "RUNNING"

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    resumed = client.get_run(run.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert resumed.data.metrics == expected
