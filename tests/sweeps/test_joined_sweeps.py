"""The same command typed twice at the same time: two machines, as far as the study can tell."""

import os
import subprocess
import sys

import pytest

SWEEP = (
    "experiment=piezo/single",
    "data.replicates=4",
    "trainer.max_epochs=100",
    "callbacks.patience=null",
    "baselines=none",
    "sweep.name=joined",
    "model.lr=tag(log,interval(1e-4,1e-2))",
    "hydra.sweeper.n_trials=6",
    "hydra.sweeper.fuse=off",
)


@pytest.mark.slow
def test_two_processes_that_join_a_study_run_every_trial_once(outputs, parent, children, trials):
    command = [sys.executable, "-m", "remanence", "train", "-m", *SWEEP]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=300) for process in both]

    assert [process.returncode for process in both] == [0, 0], answers
    for out, errors in answers:
        assert "joined: 6 ok, 0 pruned, 0 failed, 0 skipped" in out
        assert errors == ""
    ended = trials("joined")
    assert [trial.state.name for trial in ended] == ["COMPLETE"] * 6
    assert len({trial.params["model.lr"] for trial in ended}) == 6
    assert {trial.user_attrs["owner"][1] for trial in ended} == {process.pid for process in both}, "both worked"
    assert [trial.user_attrs["run"] for trial in ended] == [run.info.run_id for run in children()]
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 7
