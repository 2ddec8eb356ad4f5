"""Sweeps from their parent run to the table at their end."""

import json
import signal
import time

import optuna
import pytest
import requests
import small_sweep
from optuna.trial import TrialState
from small_sweep import Mortal, PowerCut, configuration, planned, sweep
from sqlalchemy.exc import OperationalError

from remanence.sweeps import study as study_module
from remanence.sweeps import trial_run
from remanence.tracking import patience
from remanence.tracking.claim import Claim
from remanence.tracking.interruption import Interrupted
from remanence.tracking.process import Owner
from remanence.training.report import Pruned
from remanence.training.started_ranks import RankError

pytestmark = pytest.mark.usefixtures("unillustrated")


@pytest.fixture
def cfg(outputs):
    return configuration(outputs)


def test_trials_and_their_parent_lie_where_their_tags_say(cfg, outputs, parent, children):
    sweep(planned(cfg, "model.lr=0.1,0.2"))

    assert parent().data.tags["remanence.folder"] == "sweeps/piezo/small"
    assert parent().data.tags["remanence.sweep_name"] == "piezo/small"
    for number, run in enumerate(children()):
        tags = run.data.tags
        assert tags["remanence.trial"] == str(number)
        assert tags["remanence.sweep_name"] == "piezo/small"
        assert tags["remanence.folder"] == f"sweeps/piezo/small/{number:04d}-{tags['remanence.config_hash']}"
        assert tags["mlflow.parentRunId"] == tags["remanence.sweep"] == parent().info.run_id
    folders = [path.parent for path in sorted(outputs.glob("sweeps/**/run.json"))]
    assert {json.loads((folder / "run.json").read_text())["status"] for folder in folders} == {"FINISHED"}
    assert len(folders) == 3


def test_a_complete_sweep_that_is_repeated_changes_nothing(cfg, all_runs, trials, capsys):
    plan = planned(cfg, "model.lr=0.1,0.2")
    sweep(plan)
    before = {run.info.run_id: (run.info.end_time, run.data.tags) for run in all_runs()}
    table = capsys.readouterr().out

    sweep(plan, work=None)

    assert {run.info.run_id: (run.info.end_time, run.data.tags) for run in all_runs()} == before
    assert len(trials("piezo/small")) == 2
    assert capsys.readouterr().out == table


def test_more_trials_continue_a_study_under_the_same_parent(cfg, parent, children, capsys):
    search = "model.lr=tag(log,interval(1e-3,1))"
    sweep(planned(cfg, search, n_trials=2))
    first = [run.info.run_id for run in children()]
    capsys.readouterr()

    sweep(planned(cfg, search, n_trials=4))

    assert capsys.readouterr().out.startswith("sweep piezo/small: 2 of 4 trials have ended, going on\n")
    assert [run.info.run_id for run in children()][:2] == first
    assert len({run.data.params["model.lr"] for run in children()}) == 4
    assert {run.data.tags["remanence.sweep"] for run in children()} == {parent().info.run_id}
    assert parent().info.status == "FINISHED"


def test_a_sweep_that_died_before_its_end_was_written_is_ended_by_the_next(cfg, client, parent, all_runs):
    plan = planned(cfg, "model.lr=0.1,0.2")
    sweep(plan)
    client.update_run(parent().info.run_id, status="RUNNING")

    sweep(plan, work=None)

    assert [run.info.status for run in all_runs()] == ["FINISHED"] * 3


def test_a_trial_that_died_before_it_told_its_end_is_not_trained_again(cfg, children, trials, monkeypatch):
    plan = planned(cfg, "model.lr=0.1,0.2")
    with monkeypatch.context() as patched:
        patched.setattr("remanence.sweeps.study.SharedStudy.tell", power_cut)
        with pytest.raises(PowerCut):
            sweep(plan)
    (run,) = children()
    assert (run.info.status, trials("piezo/small")[0].state) == ("FINISHED", TrialState.RUNNING)
    forget_owner(trials("piezo/small")[0], plan.url)
    trained = []

    def train(cfg, **given):
        trained.append(cfg.sweep.trial)
        return small_sweep.train(cfg, **given)

    sweep(plan, train)

    assert trained == [1]
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2]
    assert trials("piezo/small")[0].user_attrs["run"] == run.info.run_id


@pytest.mark.parametrize("ends", ["ok", "pruned"])
def test_a_trial_whose_server_went_away_as_its_run_had_ended_says_later_which_run_it_is(
    outputs, children, trials, monkeypatch, ends
):
    plan = planned(configuration(outputs, "tracking.patience=0"), "model.lr=0.1,0.2")
    trained = []

    def train(cfg, **given):
        trained.append(cfg.sweep.trial)
        with small_sweep.start(cfg, small_sweep.sources(), synthetic=True) as tracked:
            tracked.log_metrics({"val/mse": cfg.model["lr"]})
            if ends == "pruned":
                raise Pruned(3)
        return (cfg.model["lr"],)

    def run_of_trial(client, cfg):
        if trained:
            raise requests.ConnectionError("connection refused")
        return trial_run.run_of_trial(client, cfg)

    with monkeypatch.context() as patched:
        patched.setattr("remanence.sweeps.trial.run_of_trial", run_of_trial)
        with pytest.raises(RuntimeError, match=r"was stopped: tracking.uri: .* does not answer: connection refused"):
            sweep(plan, train)
    (run,) = children()
    (given_back,) = trials("piezo/small")
    assert (run.info.status, given_back.state, given_back.values) == ("FINISHED", TrialState.WAITING, None)

    sweep(plan, train)

    assert trained == [0, 1]
    assert [trial.user_attrs["outcome"] for trial in trials("piezo/small")] == [ends, ends]
    assert [trial.user_attrs["run"] for trial in trials("piezo/small")] == [run.info.run_id for run in children()]


def power_cut(*_):
    raise PowerCut


def forget_owner(trial, url):
    """Make a trial one of a process that is gone."""
    host, _, *more = trial.user_attrs["owner"]
    storage = optuna.storages.RDBStorage(url)
    storage.set_trial_user_attr(trial._trial_id, "owner", [host, 2**22 + 1, *more])


def test_an_interrupted_sweep_goes_on_in_the_same_runs(cfg, parent, children, trials, capsys):
    plan = planned(cfg, "model.lr=0.1,0.2,0.3")
    resumed = []

    def interrupted(cfg, **given):
        if cfg.sweep.trial == 1:
            with small_sweep.start(cfg, small_sweep.sources(), synthetic=True, resume=given["resume_run"]):
                raise Interrupted(signal.SIGTERM)
        return small_sweep.train(cfg, **given)

    def train(cfg, **given):
        resumed.append(given["resume_run"])
        return small_sweep.train(cfg, **given)

    with pytest.raises(Interrupted):
        sweep(plan, interrupted)
    assert "interrupted, 1 of 3 trials have ended; the same command goes on" in capsys.readouterr().out
    assert [run.info.status for run in (parent(), *children())] == ["KILLED", "FINISHED", "KILLED"]
    assert [trial.state.name for trial in trials("piezo/small")] == ["COMPLETE", "WAITING"]
    killed = children()[1].info.run_id

    sweep(plan, train)

    assert resumed == [killed, None]
    assert [run.info.status for run in (parent(), *children())] == ["FINISHED"] * 4
    assert children()[1].info.run_id == killed
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2, 0.3]


def test_a_study_that_was_deleted_does_not_take_over_runs_of_another_search(cfg, outputs, trials, children):
    sweep(planned(cfg, "model.lr=0.1,0.2"))
    for path in outputs.glob("sweeps.db*"):
        path.unlink()

    sweep(planned(cfg, "model.lr=0.3,0.2"))

    assert [trial.value for trial in trials("piezo/small")] == [0.3, 0.2]
    assert len(children()) == 3, "the second trial found its own run again"


def test_the_run_of_a_killed_process_is_killed_and_entered_again(cfg, folder, children, trials):
    statuses = []

    class Watched(Mortal):
        def start(self, job):
            statuses.append([run.info.status for run in children()])
            super().start(job)

    sweep(planned(cfg, "model.lr=0.1,0.2,0.3"), slots=Watched(1, deaths=1))

    assert statuses == [[], ["FINISHED"], ["FINISHED", "KILLED"], ["FINISHED", "FINISHED"]]
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2, 0.3]
    assert trials("piezo/small")[1].user_attrs["deaths"] == 1
    assert json.loads((folder(children()[1]) / "run.json").read_text())["status"] == "FINISHED"


@pytest.mark.parametrize(("deaths", "ends"), [(1, "ok"), (9, "failed")])
def test_a_killed_rank_costs_a_trial_one_of_three_attempts(cfg, children, trials, deaths, ends):
    left = [deaths]

    def train(cfg, *, resume_run, **given):
        if cfg.sweep.trial == 0 and left[0]:
            left[0] -= 1
            with small_sweep.start(cfg, small_sweep.sources(), synthetic=True, resume=resume_run):
                raise RankError("rank 1 was killed by SIGKILL")
        return small_sweep.train(cfg, resume_run=resume_run, **given)

    sweep(planned(cfg, "model.lr=0.1,0.2"), train)

    first, second = trials("piezo/small")
    assert (first.user_attrs["outcome"], second.user_attrs["outcome"]) == (ends, "ok")
    assert len(children()) == 2
    assert first.user_attrs["deaths"] == min(deaths, 3)
    if ends == "failed":
        assert (first.user_attrs["kind"], first.user_attrs["message"]) == (
            "killed",
            "rank 1 was killed by SIGKILL, 3 times",
        )


def test_a_sweep_goes_on_when_the_database_of_its_study_is_back(cfg, children, trials, monkeypatch):
    """It is away when a slot is free, and when a trial has ended."""
    untouched, calls = study_module.study_lock, []

    def lock(url):
        calls.append(url)
        if len(calls) in (3, 4, 7):
            raise OperationalError("SELECT 1", {}, OSError("server closed the connection unexpectedly"))
        return untouched(url)

    monkeypatch.setattr(study_module, "study_lock", lock)
    monkeypatch.setattr(patience, "PAUSE", 0.0)

    sweep(planned(cfg, "model.lr=0.1,0.2,0.3"))

    assert len(calls) > 7
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2, 0.3]
    assert len(children()) == 3


def test_a_trial_that_an_earlier_release_left_on_another_machine_goes_on(cfg, children, trials, client, monkeypatch):
    plan = planned(cfg, "model.lr=0.1,0.2")
    with monkeypatch.context() as patched:
        patched.setattr("remanence.sweeps.study.SharedStudy.tell", power_cut)
        with pytest.raises(PowerCut):
            sweep(plan)
    forget_owner(trials("piezo/small")[0], plan.url)
    (run,) = children()
    client.update_run(run.info.run_id, status="RUNNING")
    client.delete_tag(run.info.run_id, "remanence.claim")
    client.set_tag(run.info.run_id, "remanence.owner", f"nebula 7 {time.time()}")

    sweep(plan)

    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2]
    assert [each.info.status for each in children()] == ["FINISHED"] * 2


def test_a_trial_whose_run_another_machine_still_writes_waits_for_its_end(cfg, children, trials, client, monkeypatch):
    """That machine reaches the runs but not the study: its trial seems to be silent."""
    elsewhere = Owner("nebula", 7, time.time(), "another-boot")
    plan = planned(cfg, "model.lr=0.1,0.2")
    with monkeypatch.context() as patched:
        patched.setattr("remanence.sweeps.study.SharedStudy.tell", power_cut)
        with pytest.raises(PowerCut):
            sweep(plan)
    forget_owner(trials("piezo/small")[0], plan.url)
    (run,) = children()
    client.update_run(run.info.run_id, status="RUNNING")
    client.set_tag(run.info.run_id, "remanence.claim", Claim(0, time.time(), elsewhere).to_text())
    waited = []

    def pause(_):
        waited.append(run.info.run_id)
        client.set_tag(run.info.run_id, "remanence.claim", Claim(0, time.time(), None).to_text())
        client.update_run(run.info.run_id, status="FINISHED")

    monkeypatch.setattr("remanence.tracking.claim.time.sleep", pause)
    trained = []

    def train(cfg, **given):
        trained.append(cfg.sweep.trial)
        return small_sweep.train(cfg, **given)

    sweep(plan, train)

    assert waited == [run.info.run_id]
    assert trained == [1]
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2]


def test_a_trial_that_kills_its_process_three_times_is_a_failure_with_a_killed_run(
    cfg, folder, parent, children, trials, capsys
):
    sweep(planned(cfg, "model.lr=0.1,0.2,0.3"), slots=Mortal(1, deaths=9))

    assert [run.info.status for run in (parent(), *children())] == ["FINISHED", "FINISHED", "KILLED", "FINISHED"]
    assert json.loads((folder(children()[1]) / "run.json").read_text())["status"] == "KILLED"
    dead = trials("piezo/small")[1].user_attrs
    assert (trials("piezo/small")[1].state, dead["kind"], dead["run"]) == (
        TrialState.FAIL,
        "killed",
        children()[1].info.run_id,
    )
    printed = capsys.readouterr().out
    assert "2 ok, 0 pruned, 1 failed, 0 skipped" in printed
    assert "trial 1 failed: its process was killed by SIGKILL, 3 times" in printed
