"""A sweep whose parent run was deleted gets a new one, which knows all its runs."""

import signal

import pytest
from small_sweep import configuration, planned, sources, sweep, train

import remanence as rm
from remanence.tracking.interruption import Interrupted
from remanence.tracking.start import start

pytestmark = pytest.mark.usefixtures("unillustrated")


@pytest.fixture
def cfg(outputs):
    return configuration(outputs)


def parents_of(runs):
    return {run.data.tags[key] for run in runs for key in ("mlflow.parentRunId", "remanence.sweep")}


def test_a_new_parent_adopts_the_runs_of_the_deleted_one(cfg, client, parent, children):
    search = "model.lr=tag(log,interval(1e-3,1))"
    sweep(planned(cfg, search, n_trials=2))
    before = parent().info.run_id
    client.delete_run(before)

    sweep(planned(cfg, search, n_trials=3))

    now = parent().info.run_id
    assert now != before
    assert parents_of(children()) == {now}
    assert len(children()) == 3
    for wanted in ("piezo/small", now, parent().info.run_name):
        assert len(rm.runs(wanted)) == 3
        assert len(rm.compare(wanted)) == 3


def test_a_sweep_that_had_ended_is_adopted_too(cfg, client, parent, children):
    sweep(planned(cfg, "model.lr=0.1,0.2"))
    client.delete_run(parent().info.run_id)

    sweep(planned(cfg, "model.lr=0.1,0.2"), work=None)

    assert parents_of(children()) == {parent().info.run_id}
    assert parent().info.status == "FINISHED"


def test_an_interrupted_trial_goes_on_in_its_own_run(cfg, client, parent, children, trials):
    def interrupted(given, **named):
        if given.sweep.trial != 1:
            return train(given, **named)
        with start(given, sources(), synthetic=True, resume=named["resume_run"]):
            raise Interrupted(signal.SIGTERM)

    with pytest.raises(Interrupted):
        sweep(planned(cfg, "model.lr=0.1,0.2,0.3"), interrupted)
    assert "run" not in trials("piezo/small")[1].user_attrs
    interrupted_run = children()[1].info.run_id
    client.delete_run(parent().info.run_id)

    sweep(planned(cfg, "model.lr=0.1,0.2,0.3"))

    assert [run.info.run_id for run in children()][1] == interrupted_run
    assert len(children()) == 3
    assert parents_of(children()) == {parent().info.run_id}


def test_runs_of_a_study_that_was_deleted_are_nobodys(cfg, outputs, client, parent, children):
    sweep(planned(cfg, "model.lr=0.1,0.2"))
    before = parent().info.run_id
    client.delete_run(before)
    for path in outputs.glob("sweeps.db*"):
        path.unlink()

    sweep(planned(cfg, "model.lr=0.3,0.4"))

    assert sorted(run.data.tags["remanence.sweep"] == before for run in children()) == [False, False, True, True]


def test_results_that_were_reused_belong_to_the_new_parent_as_well(cfg, client, all_runs, outputs):
    sweep(planned(cfg, "model.lr=0.1,0.2", name="piezo/first"))
    sweep(planned(cfg, "model.lr=0.1,0.2,0.3", name="piezo/second"))
    (before,) = [run for run in all_runs() if run.info.run_name == "sweep model.lr=0.1,0.2,0.3"]
    client.delete_run(before.info.run_id)

    sweep(planned(cfg, "model.lr=0.1,0.2,0.3", name="piezo/second"), work=None)

    (now,) = [run for run in all_runs() if run.info.run_name == "sweep model.lr=0.1,0.2,0.3"]
    assert now.info.run_id != before.info.run_id
    assert len(rm.runs("piezo/second")) == len(rm.runs(now.info.run_id)) == 3
