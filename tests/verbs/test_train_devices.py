"""One run on several devices: here two processes on the CPU."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

pytestmark = pytest.mark.slow

CONSOLE = (str(Path(sys.executable).with_name("remanence")),)
MODULE = (sys.executable, "-m", "remanence")
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "remanence")
TWO = ("trainer=ddp", "trainer.devices=2")
SINGLE = ("experiment=piezo/single", "data.replicates=8", "baselines.random_forest.n_estimators=5")
STACKED = ("experiment=piezo/ns", "baselines=quick", "figures=brief", "baselines.random_forest.n_estimators=5")
TOY = (
    "experiment=beps/toy",
    "data.colours=120",
    "data.validation=30",
    "data.gamut=30",
    "data.image_size=8",
    "data.batch_size=20",
    "baselines=none",
    "beta_schedule.warmup_epochs=2",
    "beta_schedule.stage_epochs=1",
    "beta_schedule.refine_epochs=2",
    "figures=brief",
    "model.units=4",
    "model.dense=8",
)


def shell(start, *arguments):
    """Run a command as a user does and return it when it has ended."""
    return subprocess.run([*start, "train", *arguments], capture_output=True, text=True, timeout=300)


def curve(client, run, key):
    points = sorted(client.get_metric_history(run.info.run_id, key), key=lambda point: point.step)
    return [(point.step, point.value) for point in points]


def last(outputs, run):
    return torch.load(outputs / "runs" / run.info.run_id / "checkpoints" / "last.ckpt", weights_only=True)


@pytest.mark.parametrize("start", [CONSOLE, MODULE, TORCHRUN], ids=["console script", "module", "torchrun"])
def test_two_processes_make_one_run(all_runs, outputs, client, start):
    done = shell(start, *SINGLE, *TWO, "trainer.max_epochs=6")

    assert done.returncode == 0, done.stderr
    (run,) = all_runs()
    assert run.info.status == "FINISHED"
    assert [path.name for path in (outputs / "runs").iterdir()] == [run.info.run_id]
    assert run.data.params["trainer.devices"] == "2"
    for key in ("train/loss", "val/loss", "val/mse"):
        assert [step for step, _ in curve(client, run, key)][:6] == list(range(6))
    assert "test/r2" in run.data.metrics
    assert "Traceback" not in done.stderr


def test_each_process_takes_half_of_the_steps(command, all_runs, outputs):
    for devices in ((), TWO):
        assert command("train", *SINGLE, *devices, "trainer.max_epochs=4", "data.batch_size=4").code == 0

    two, one = all_runs()  # the newest first
    assert [last(outputs, run)["global_step"] for run in (one, two)] == [4 * 8, 4 * 4]


def test_stacked_members_on_two_devices_have_the_metrics_of_one(command, all_runs, client):
    for devices in (("trainer.devices=1",), ("trainer.devices=2",)):
        result = command("train", *STACKED, *devices, "trainer.max_epochs=20", "ensemble.repeats=1")
        assert result.code == 0, result.err

    two, one = all_runs()
    assert (one.data.params["trainer.devices"], two.data.params["trainer.devices"]) == ("1", "2")
    assert two.data.metrics == pytest.approx(one.data.metrics, rel=1e-5, abs=1e-9)
    for key in ("train/loss", "val/loss"):
        assert curve(client, two, key) == [(step, pytest.approx(value)) for step, value in curve(client, one, key)]


def test_a_schedule_of_beta_on_two_devices(command, all_runs, outputs, client):
    result = command("train", *TOY, *TWO, "trainer.max_epochs=8")

    assert result.code == 0, result.err
    (run,) = all_runs()
    assert run.info.status == "FINISHED"
    assert last(outputs, run)["global_step"] == 8 * 3  # 120 spectra, 20 a step in each of two processes
    assert [step for step, _ in curve(client, run, "beta")] == list(range(8))
    assert run.data.metrics["test/mse"] > 0


OWN = """
import os, signal
from remanence.models.dnn import DNN

class Crashing(DNN):
    def training_step(self, batch, index):
        if self.global_rank == 1 and self.current_epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().training_step(batch, index)
"""


def test_a_process_that_crashes_makes_the_run_fail_and_leaves_nobody(tmp_path, monkeypatch, all_runs, artifact):
    said = "rank 1 was killed by SIGKILL"
    (tmp_path / "crashing.py").write_text(OWN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    own = ("model._target_=crashing.Crashing", "allowed_targets=[remanence.,crashing.]")
    before = set(psutil.pids())

    done = shell(MODULE, *SINGLE, *TWO, *own)

    assert done.returncode == 1
    assert f"remanence: failed: RankError: {said}" in done.stderr
    (run,) = all_runs()
    assert run.info.status == "FAILED"
    assert said in artifact(run, "traceback.txt").read_text()
    assert not [pid for pid in set(psutil.pids()) - before if str(tmp_path) in environment(pid)]


def environment(pid):
    try:
        return psutil.Process(pid).environ().get("PYTHONPATH", "")
    except psutil.Error:
        return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_goes_on_with_another_number_of_devices(command, all_runs, outputs, client, number):
    epochs = 100
    arguments = [*SINGLE, *TWO, f"trainer.max_epochs={epochs}", "callbacks.patience=null"]
    process = subprocess.Popen(
        [*MODULE, "train", *arguments, "callbacks.checkpoint_seconds=0"], stderr=subprocess.PIPE, text=True
    )
    while not list(outputs.glob("runs/*/checkpoints/last.ckpt")):
        assert process.poll() is None, process.communicate()

    process.send_signal(number)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + number, errors
    (run,) = all_runs()
    assert run.info.status == "KILLED"
    result = command("train", f"resume={run.info.run_id}", "trainer.devices=1")
    assert result.code == 0, result.err
    (resumed,) = all_runs()
    assert resumed.info.status == "FINISHED"
    steps = [step for step, _ in curve(client, resumed, "train/loss")]
    assert len(steps) == len(set(steps))
    assert max(steps) == epochs - 1


def test_every_job_of_a_sweep_is_one_run_of_two_processes(command, all_runs):
    rates = ["0.01", "0.02"]

    result = command("train", "-m", *SINGLE, *TWO, "trainer.max_epochs=3", f"model.lr={','.join(rates)}")

    assert result.code == 0, result.err
    parent, *jobs = sorted(all_runs(), key=lambda run: run.info.start_time)
    assert sorted(run.data.params["model.lr"] for run in jobs) == rates
    assert {run.info.status for run in [parent, *jobs]} == {"FINISHED"}
    assert {run.data.tags["mlflow.parentRunId"] for run in jobs} == {parent.info.run_id}


def test_a_sweep_is_not_for_processes_of_a_launcher(monkeypatch, command, all_runs):
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2", "RANK": "1"}.items():
        monkeypatch.setenv(name, value)

    result = command("train", "-m", *SINGLE, "seed=0,1")

    assert result.code == 2
    assert "-m: processes of torchrun or srun train one run" in result.err
    assert os.environ["RANK"] == "1"
    assert all_runs() == []
