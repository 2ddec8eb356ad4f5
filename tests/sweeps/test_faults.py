"""Real processes that are killed at random moments: nothing is lost, nothing is done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import optuna
import psutil
import pytest
from optuna.trial import TrialState

TRIALS = 12
SWEEP = (
    "experiment=piezo/single",
    "data.replicates=4",
    "data.batch_size=4",
    "trainer.max_epochs=250",
    "callbacks.patience=null",
    "callbacks.checkpoint_seconds=0",
    "baselines=none",
    "sweep.name=faults",
    "model.lr=tag(log,interval(1e-4,1e-2))",
    f"hydra.sweeper.n_trials={TRIALS}",
    "n_jobs=2",
)


@pytest.fixture
def sweep(outputs):
    """Start the sweep as a process."""
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "remanence", "train", "-m", *SWEEP, *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
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


def study(outputs):
    return optuna.load_study(study_name="faults", storage=f"sqlite:///{outputs}/sweeps.db")


def check(outputs, all_runs, trials=TRIALS):
    """Study and MLflow tell the same story: every trial ended, once, and no run is left open."""
    ended = study(outputs).get_trials()
    assert [trial.state for trial in ended] == [TrialState.COMPLETE] * trials
    runs = all_runs()
    children = {run.info.run_id: run for run in runs if "mlflow.parentRunId" in run.data.tags}
    assert len(runs) == len(children) + 1
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert sorted(trial.user_attrs["run"] for trial in ended) == sorted(children)
    assert len({trial.params["model.lr"] for trial in ended}) == trials
    for trial in ended:
        run = children[trial.user_attrs["run"]]
        assert run.data.metrics["val/mse"] == trial.value
        assert float(run.data.params["model.lr"]) == trial.params["model.lr"]
        assert run.data.tags["remanence.trial"] == str(trial.number)


@pytest.mark.slow
# with fewer epochs, a fast machine is through before
@pytest.mark.parametrize(("fuse", "times", "epochs"), [("off", 20, 1000), ("auto", 6, 1500)])
def test_a_sweep_that_is_killed_again_and_again_ends_with_every_trial_once(
    sweep, outputs, all_runs, fuse, times, epochs
):
    moments, longer = random.Random(0), (f"trainer.max_epochs={epochs}", f"hydra.sweeper.fuse={fuse}")
    if fuse == "auto":  # to write the checkpoints of all of them after every epoch takes longer than the epoch
        longer += ("callbacks.checkpoint_seconds=0.2",)
    for _ in range(times):
        process = sweep(*longer)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(3.0, 9.0))
        assert process.poll() is None, "it ended before it was killed so often"
        process.kill()
        process.wait()
    process = sweep(*longer)
    out, errors = process.communicate(timeout=900)

    assert process.returncode == 0, (out, errors)
    check(outputs, all_runs)


def workers(process):
    """Return the processes in which trials run: those that the server of the sweep has forked."""
    servers = [child for child in psutil.Process(process.pid).children() if "forkserver" in " ".join(child.cmdline())]
    return [worker.pid for server in servers for worker in server.children()]


def wait_for(look, process):
    """Return what ``look`` returns as soon as that is something."""
    deadline = time.monotonic() + 180
    while True:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        with suppress(KeyError):  # there is no study yet
            if found := look():
                return found
        time.sleep(0.1)


def checkpoint(outputs, number):
    """Return where a trial has written a checkpoint, None if it has not."""
    return next(outputs.glob(f"sweeps/faults/{number:04d}-*/checkpoints/last.ckpt"), None)


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_its_trial_goes_on_in_its_run(sweep, outputs, all_runs):
    process = sweep("hydra.sweeper.n_trials=4", "hydra.sweeper.fuse=off")
    wait_for(lambda: checkpoint(outputs, 0), process)
    before = {run.data.tags.get("remanence.trial"): run.info.run_id for run in all_runs()}
    worker = study(outputs).get_trials()[0].user_attrs["owner"][1]
    assert worker in workers(process)

    os.kill(worker, signal.SIGKILL)
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "faults: 4 ok, 0 pruned, 0 failed, 0 skipped" in out
    check(outputs, all_runs, trials=4)
    killed = study(outputs).get_trials()[0].user_attrs
    assert (killed["deaths"], killed["run"]) == (1, before["0"])
    assert killed["owner"][1] != worker
    assert [trial.user_attrs.get("deaths") for trial in study(outputs).get_trials()[1:]] == [None] * 3


@pytest.mark.slow
def test_trials_that_train_together_go_on_one_by_one_after_the_death_of_their_process(sweep, outputs, all_runs):
    process = sweep("hydra.sweeper.n_trials=4", "trainer.max_epochs=500")
    wait_for(lambda: all(checkpoint(outputs, number) for number in range(4)), process)
    trials = study(outputs).get_trials()
    owners = [trial.user_attrs["owner"][1] for trial in trials]
    assert sorted(map(owners.count, set(owners))) == [2, 2]
    before = {run.data.tags.get("remanence.trial"): run.info.run_id for run in all_runs()}

    os.kill(owners[0], signal.SIGKILL)
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "faults: 4 ok, 0 pruned, 0 failed, 0 skipped" in out
    check(outputs, all_runs, trials=4)
    ended = {trial.number: trial.user_attrs for trial in study(outputs).get_trials()}
    assert {str(number): trial["run"] for number, trial in ended.items()} == {
        number: run for number, run in before.items() if number is not None
    }
    stacks = {run.data.tags.get("remanence.trial"): run.data.tags.get("remanence.stack") for run in all_runs()}
    killed = {number for number, owner in enumerate(owners) if owner == owners[0]}
    assert {int(number) for number, stack in stacks.items() if number is not None and stack is None} == killed
    assert not any("deaths" in trial for trial in ended.values()), "nobody knows which of them it was"


@pytest.mark.slow
def test_a_trial_that_kills_three_workers_is_given_up_and_the_others_go_on(sweep, outputs, all_runs):
    process = sweep("hydra.sweeper.n_trials=4", "hydra.sweeper.fuse=off")
    killed = set()

    def victim():
        trials = study(outputs).get_trials()
        trains = len(trials) > 1 and trials[1].user_attrs.get("claimed") and checkpoint(outputs, 1)
        return {trials[1].user_attrs["owner"][1]} - killed if trains else None

    for _ in range(3):
        (worker,) = wait_for(victim, process)
        os.kill(worker, signal.SIGKILL)
        killed.add(worker)
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "faults: 3 ok, 0 pruned, 1 failed, 0 skipped" in out
    assert "trial 1 failed: its process was killed by SIGKILL, as when memory runs out, 3 times" in out
    trials = study(outputs).get_trials()
    assert [trial.state.name for trial in trials] == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert trials[1].user_attrs["kind"] == "killed"
    runs = {run.data.tags.get("remanence.trial"): run for run in all_runs()}
    assert len(runs) == len(all_runs()) == 5
    assert {number: run.info.status for number, run in runs.items()} == {
        None: "FINISHED",
        "0": "FINISHED",
        "1": "KILLED",
        "2": "FINISHED",
        "3": "FINISHED",
    }
    assert trials[1].user_attrs["run"] == runs["1"].info.run_id


@pytest.mark.slow
def test_a_killed_rank_costs_its_trial_one_of_three_attempts(sweep, outputs, all_runs):
    process = sweep("hydra.sweeper.n_trials=2", "n_jobs=1", "trainer.devices=2")
    wait_for(lambda: checkpoint(outputs, 0), process)
    (rank,) = workers(process)

    os.kill(rank, signal.SIGKILL)
    out, errors = process.communicate(timeout=300)

    assert process.returncode == 0, errors
    assert "faults: 2 ok, 0 pruned, 0 failed, 0 skipped" in out
    check(outputs, all_runs, trials=2)
    assert [trial.user_attrs.get("deaths") for trial in study(outputs).get_trials()] == [1, None]
