"""A real process that is killed in the refinement of a β-VAE, the stage that depends on all before it."""

import subprocess
import sys
import time

import pytest
import torch

WARM_UP, RISE_END, EPOCHS = 5, 20, 100
LONG = (
    "experiment=beps/toy", "figures=brief", "baselines=none", "callbacks.checkpoint_seconds=0",
    "data.colours=300", "data.validation=60", "data.gamut=60", "data.image_size=12", "model.units=8",
    f"trainer.max_epochs={EPOCHS}", f"beta_schedule.warmup_epochs={WARM_UP}",
    f"beta_schedule.refine_epochs={EPOCHS - RISE_END}",
)  # fmt: skip


def epochs_done(outputs):
    """Return how many epochs the checkpoint of the run has seen."""
    paths = list(outputs.glob("runs/*/checkpoints/last.ckpt"))
    return torch.load(paths[0], weights_only=True)["epoch"] + 1 if paths else 0


@pytest.fixture
def kill_after(outputs):
    """Start ``remanence`` as a process and kill it as soon as it has trained for some epochs."""

    def run(epochs, *arguments):
        process = subprocess.Popen([sys.executable, "-m", "remanence", *arguments], stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 200
        while epochs_done(outputs) < epochs:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "too slow"
        process.kill()
        process.communicate()

    return run


@pytest.mark.slow
def test_a_training_killed_in_its_refinement_ends_with_the_metrics_of_an_uninterrupted_one(
    kill_after, command, all_runs, client, outputs
):
    assert command("train", *LONG).code == 0
    (whole,) = all_runs()
    client.delete_run(whole.info.run_id)
    (outputs / "runs" / whole.info.run_id / "checkpoints" / "last.ckpt").unlink()

    kill_after(RISE_END + 1, "train", *LONG)
    (run,) = all_runs()
    assert run.info.status == "RUNNING"
    assert RISE_END < epochs_done(outputs) < EPOCHS

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    (resumed,) = all_runs()
    assert (resumed.info.run_id, resumed.info.status) == (run.info.run_id, "FINISHED")
    ours, theirs = (
        {key: value for key, value in each.data.metrics.items() if not key.endswith("_seconds")}
        for each in (resumed, whole)
    )
    assert ours == theirs
    for key in ("beta", "train/loss", "val/active_units"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, key)]
        assert len(steps) == len(set(steps))
        assert max(steps) == EPOCHS - 1
