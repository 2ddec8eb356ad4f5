"""A grid takes over what an earlier run of the same configuration on the same data has found."""

import dataclasses

import pytest
import small_sweep
from small_sweep import configuration, planned, sweep

pytestmark = pytest.mark.usefixtures("unillustrated")


@pytest.fixture
def cfg(outputs):
    return configuration(outputs)


@pytest.fixture
def small(cfg, children):
    """A grid of two that has ended; return its runs by learning rate."""
    sweep(planned(cfg, "model.lr=0.1,0.2", name="piezo/few"))
    return {run.data.params["model.lr"]: run for run in children()}


@pytest.fixture
def trained():
    """Train, and note what was."""

    def work(cfg, **given):
        work.values.append(cfg["model"]["lr"])
        return small_sweep.train(cfg, **given)

    work.values = []
    return work


def test_a_larger_grid_trains_only_what_is_new(cfg, small, trained, trials, client, all_runs, capsys):
    capsys.readouterr()

    sweep(planned(cfg, "model.lr=0.1,0.2,0.3"), trained)

    assert trained.values == [0.3]
    assert [trial.value for trial in trials("piezo/small")] == [0.1, 0.2, 0.3]
    assert [trial.user_attrs["outcome"] for trial in trials("piezo/small")] == ["skipped", "skipped", "ok"]
    assert "1 ok, 0 pruned, 0 failed, 2 skipped" in capsys.readouterr().out
    (larger,) = [
        run
        for run in all_runs()
        if run.data.tags.get("remanence.sweep_name") == "piezo/small" and run.data.tags.get("remanence.kind") == "sweep"
    ]
    for trial in trials("piezo/small")[:2]:
        old = small[str(trial.params["model.lr"])]
        assert trial.user_attrs["run"] == old.info.run_id
        again = client.get_run(old.info.run_id)
        assert again.data.tags["remanence.reused_by"] == larger.info.run_id
        assert again.data.tags["remanence.sweep"] == old.data.tags["remanence.sweep"], "it stays its own sweep's"
        assert again.info.end_time == old.info.end_time


def test_a_run_that_several_sweeps_use_names_them_all(cfg, small, client):
    sweep(planned(cfg, "model.lr=0.1,0.2", name="piezo/second"), work=None)
    sweep(planned(cfg, "model.lr=0.1,0.2", name="piezo/third"), work=None)

    users = client.get_run(small["0.1"].info.run_id).data.tags["remanence.reused_by"].split()
    names = [client.get_run(user).data.tags["remanence.sweep_name"] for user in users]
    assert names == ["piezo/second", "piezo/third"]


def test_a_single_run_is_as_good_as_that_of_a_sweep(cfg, trained, trials):
    cfg["model"]["lr"] = 0.2
    small_sweep.train(cfg)

    sweep(planned(cfg, "model.lr=0.1,0.2"), trained)

    assert trained.values == [0.1]


def test_another_configuration_is_trained(outputs, small, trained):
    other = configuration(outputs, "seed=7")

    sweep(planned(other, "model.lr=0.1,0.2"), trained)

    assert trained.values == [0.1, 0.2]


def test_other_data_are_trained_on(cfg, small, trained):
    plan = planned(cfg, "model.lr=0.1,0.2")
    changed = dataclasses.replace(plan, digests={key: ["0" * 64] for key in plan.digests})

    sweep(changed, trained)

    assert trained.values == [0.1, 0.2]


def test_a_sampler_is_to_try_what_it_proposes(cfg, small, trained):
    sweep(planned(cfg, "model.lr=0.1,0.2", n_trials=2), trained)

    assert len(trained.values) == 2


@pytest.mark.parametrize("status", ["FAILED", "KILLED", "RUNNING"])
def test_a_run_that_did_not_finish_has_no_result(cfg, small, trained, client, status):
    client.update_run(small["0.1"].info.run_id, status=status)

    sweep(planned(cfg, "model.lr=0.1,0.2"), trained)

    assert trained.values == [0.1]


def test_a_run_without_the_objective_has_no_result(outputs, small, trained):
    other = configuration(outputs, "objective=test/mae")  # the objective is part of what a run is asked for
    with pytest.raises(RuntimeError, match="KeyError"):
        sweep(planned(other, "model.lr=0.1,0.2"), trained)

    assert trained.values == [0.1, 0.2]
