"""Hydra's launchers: trials in joblib's processes, in Ray's, and in jobs as a cluster runs them."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from omegaconf import OmegaConf

from remanence.errors import ConfigurationError
from remanence.sweeps import launchers
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.slots import Batches, Job

SMALL = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "baselines=none", "sweep.name=l")


class Launched:
    """A launcher that answers what it is told to."""

    def __init__(self, *answers):
        self.answers, self.batches = list(answers), []

    def launch(self, overrides, first):
        self.batches.append((overrides, first))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Returned:
    """What a job answered; what it raised is raised when it is looked at, as by Hydra."""

    def __init__(self, value):
        self.value = value

    @property
    def return_value(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def batch(launcher, size=2):
    slots = Batches(launcher, size)
    for number in range(size):
        slots.start(Job(number + 4, [f"x={number}"], {}))
    return slots


def test_a_batch_is_launched_together():
    ok = Outcome("ok", (1.0,))
    launcher = Launched([Returned(ok), Returned(ArithmeticError("of the test"))])
    slots = batch(launcher)

    assert (slots.free, slots.busy) == (False, {4, 5})
    assert slots.ended() == [(4, ok), (5, "ArithmeticError: of the test")]
    assert (slots.free, slots.busy) == (True, set())
    assert launcher.batches == [([["x=0"], ["x=1"]], 4)]


def test_trials_of_a_batch_that_failed_go_one_by_one():
    ok = Outcome("ok", (1.0,))
    died = RuntimeError("the job ended\nwithout an answer")
    slots = batch(Launched(died, died, [Returned(ok)], [Returned(ok), Returned(ok)]))

    assert slots.ended() == [(4, None), (5, None)], "one of the two has died"
    for number, answer in ((4, "Launched: the job ended"), (5, ok)):
        assert slots.free
        slots.start(Job(number, [], {}))
        assert not slots.free
        assert slots.ended() == [(number, answer)]
    for number in (6, 7):
        assert slots.free
        slots.start(Job(number, [], {}))
    assert slots.ended() == [(6, ok), (7, ok)]


def test_what_the_user_can_mend_is_not_the_trials_fault():
    slots = batch(Launched(ConfigurationError("hydra/launcher: ray is not installed")))

    with pytest.raises(ConfigurationError):
        slots.ended()


def test_slurm_is_composed_with_the_keys_of_its_plugin():
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir

    from remanence.configuration.folder import conf_folder
    from remanence.configuration.hydra_globals import CURRENT

    with initialize_config_dir(str(conf_folder()), **CURRENT):
        cfg = hydra_compose("train", ["hydra/launcher=slurm", "hydra.launcher.partition=gpu"], return_hydra_config=True)
    launcher = OmegaConf.to_container(cfg.hydra.launcher, resolve=False)
    assert launcher["_target_"].endswith(".SlurmLauncher")
    assert (launcher["partition"], launcher["max_num_timeout"]) == ("gpu", 10)
    assert launcher["submitit_folder"] == "${paths.outputs}/slurm/%j"


@pytest.fixture
def absent(monkeypatch):
    """Pretend that a module is not installed."""

    def hide(name):
        monkeypatch.setattr(launchers, "find_spec", lambda module: None if module == name else object())

    return hide


def test_without_slurm_one_line_says_so(command, all_runs, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)

    result = command("train", "-m", *SMALL, "model.lr=0.1,0.2", "hydra/launcher=slurm")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: hydra/launcher: slurm needs srun and sbatch")
    assert all_runs() == []


def test_without_ray_one_line_says_so(command, all_runs, absent):
    absent("ray")

    result = command("train", "-m", *SMALL, "model.lr=0.1,0.2", "hydra/launcher=ray")

    assert result.err == "remanence: error: hydra/launcher: ray is not installed; add the extra: remanence[ray]\n"
    assert result.code == 2
    assert all_runs() == []


@pytest.mark.parametrize(
    ("launcher", "extra"), [("joblib", "joblib"), ("submitit_local", "slurm"), ("submitit_slurm", "slurm")]
)
def test_without_a_plugin_one_line_says_which_extra_brings_it(launcher, extra):
    from hydra.errors import MissingConfigException

    from remanence.configuration.folder import conf_folder
    from remanence.configuration.messages import explain

    missing = MissingConfigException("", f"hydra/launcher/{launcher}", ["basic", "ray", "slurm"])

    assert str(explain(missing, conf_folder())) == (
        f"hydra/launcher: {launcher} is not installed; add the extra: remanence[{extra}]"
    )


@pytest.mark.parametrize("name", ["nothing", "slrm"])
def test_an_unknown_launcher_is_one_line(command, name):
    result = command("train", "-m", *SMALL, "model.lr=0.1,0.2", f"hydra/launcher={name}")

    assert result.code == 2
    assert result.err.startswith(f"remanence: error: hydra/launcher: unknown name '{name}'")


SECRET = secrets.token_hex()  # drawn, as this file is in the git.diff of runs while it is edited


@pytest.fixture
def ray_files():
    """Where Ray writes what it does; its sockets bear no longer path."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def sweep(outputs, ray_files):
    """Start a sweep as a process."""
    started, own = [], {"OMP_NUM_THREADS": "1", "AWS_SECRET_ACCESS_KEY": SECRET, "RAY_TMPDIR": str(ray_files)}

    def start(*arguments):
        command = [sys.executable, "-m", "remanence", "train", "-m", *arguments]
        environment = {**os.environ, **own}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    "launcher",
    [["joblib"], ["submitit_local", "hydra.launcher.timeout_min=20"], ["ray"]],
    ids=["joblib", "submitit", "ray"],
)
def test_three_trials_run_wherever_a_launcher_brings_them(
    sweep, parent, children, trials, launcher, outputs, ray_files
):
    name, *more = launcher
    process = sweep(*SMALL, "model.lr=0.01,0.02,0.03", f"hydra/launcher={name}", *more, "n_jobs=2")
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "l: 3 ok, 0 pruned, 0 failed, 0 skipped" in out
    assert "Traceback" not in errors
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 4
    assert [run.data.params["model.lr"] for run in children()] == ["0.01", "0.02", "0.03"]
    owners = [trial.user_attrs["owner"][1] for trial in trials("l")]
    assert process.pid not in owners, "each was trained in another process"
    assert [trial.value for trial in trials("l")] == [run.data.metrics["val/mse"] for run in children()]
    assert [trial.user_attrs["run"] for trial in trials("l")] == [run.info.run_id for run in children()]
    logs = [path for path in ray_files.rglob("*") if path.is_file()]
    assert (len(logs) > 0) == (name == "ray")
    written = [*logs, *(path for path in outputs.rglob("*") if path.is_file())]
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


LONG = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=250",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "figures=brief",
    "sweep.name=l",
)


@pytest.mark.slow
def test_a_job_that_is_told_to_go_is_queued_again_and_goes_on_in_its_run(sweep, outputs, children, trials, client):
    process = sweep(*LONG, "seed=0,1", "hydra/launcher=submitit_local", "hydra.launcher.timeout_min=60")
    wait_for(lambda: list(outputs.glob("sweeps/l/0000-*/checkpoints/last.ckpt")), process)
    (job,) = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "submitit.core._submit" in child.cmdline()
    ]
    (run,) = children()

    job.send_signal(signal.SIGUSR2)  # as SLURM does before the time is over, or when others come first
    psutil.wait_procs([job], timeout=60)
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "l: 2 ok, 0 pruned, 0 failed, 0 skipped" in out
    assert [each.info.status for each in children()] == ["FINISHED"] * 2
    resumed = children()[0]
    assert resumed.info.run_id == run.info.run_id
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
    assert sorted(steps) == list(range(250))
    assert [trial.state.name for trial in trials("l")] == ["COMPLETE"] * 2
    assert job.pid != trials("l")[0].user_attrs["owner"][1]
    assert "Requeued job" in "".join(path.read_text() for path in outputs.glob(".submitit/**/*.out"))


def wait_for(look, process):
    deadline = time.monotonic() + 180
    while not (found := look()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_a_node_of_ray_that_is_killed_loses_nothing(sweep, outputs, children, trials, client, monkeypatch, ray_files):
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_TMPDIR", str(ray_files))
    answer = signal.getsignal(signal.SIGTERM)  # a node of Ray in this process answers SIGTERM, also when it has ended
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        node = cluster.add_node(num_cpus=1)
        arguments = ("hydra/launcher=ray", f"hydra.launcher.address={cluster.address}", "n_jobs=2", "seed=0,1,2")
        process = sweep(*LONG, *arguments)
        wait_for(lambda: len(list(outputs.glob("sweeps/l/*/checkpoints/last.ckpt"))) == 2, process)

        cluster.remove_node(node, allow_graceful=False)
        out, errors = process.communicate(timeout=300)
    finally:
        cluster.shutdown()
        signal.signal(signal.SIGTERM, answer)

    assert process.returncode == 0, errors
    assert "l: 3 ok, 0 pruned, 0 failed, 0 skipped" in out
    assert sorted(trial.user_attrs.get("deaths", 0) for trial in trials("l")) == [0, 0, 1]
    assert [run.info.status for run in children()] == ["FINISHED"] * 3
    for run in children():
        steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
        assert sorted(steps) == list(range(250))
