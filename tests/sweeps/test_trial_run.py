"""A grid takes over what an earlier run of the same configuration on the same data has found."""

import pytest
import small_sweep
from small_sweep import configuration, planned, sweep

from remanence.sweeps.trial_run import reusable_run

LEARNING_RATES = "model.lr=0.1,0.2"


@pytest.mark.usefixtures("unillustrated")
def test_a_larger_grid_trains_only_what_is_new(outputs, trials, client, children, capsys):
    cfg = configuration(outputs)
    sweep(planned(cfg, LEARNING_RATES, name="piezo/few"))
    before = children()
    trained = []

    def train(cfg, **given):
        trained.append(cfg.model["lr"])
        return small_sweep.train(cfg, **given)

    for name in ("piezo/more", "piezo/most"):
        sweep(planned(cfg, "model.lr=0.1,0.2,0.3", name=name), train)

    assert trained == [0.3], "the third grid finds what the second has trained"
    assert "1 ok, 0 pruned, 0 failed, 2 skipped" in capsys.readouterr().out
    assert [trial.user_attrs["outcome"] for trial in trials("piezo/more")] == ["skipped", "skipped", "ok"]
    for name in ("piezo/more", "piezo/most"):
        assert [trial.value for trial in trials(name)] == [0.1, 0.2, 0.3]
        assert [trial.user_attrs["run"] for trial in trials(name)][:2] == [run.info.run_id for run in before]
    for run in before:
        again = client.get_run(run.info.run_id)
        users = again.data.tags["remanence.reused_by"].split()
        names = [client.get_run(user).data.tags["remanence.sweep_name"] for user in users]
        assert names == ["piezo/more", "piezo/most"]
        assert again.data.tags["remanence.sweep"] == run.data.tags["remanence.sweep"], "it stays its own sweep's"
        assert again.info.end_time == run.info.end_time


@pytest.mark.usefixtures("unillustrated")
def test_a_sampler_is_to_try_what_it_proposes(outputs, trials):
    cfg = configuration(outputs)
    sweep(planned(cfg, LEARNING_RATES, name="piezo/few"))

    sweep(planned(cfg, LEARNING_RATES, n_trials=1))

    assert [trial.user_attrs["outcome"] for trial in trials("piezo/small")] == ["ok"]


@pytest.fixture
def finished(outputs, client, all_runs):
    """A single run that has finished."""
    small_sweep.train(configuration(outputs))
    (run,) = all_runs()
    return run


@pytest.fixture
def found(outputs, client, finished):
    """Return the id of the run that would be taken over, None if there is none."""
    sweeping = client.create_run(finished.info.experiment_id).info.run_id
    read = [source.digest for source in small_sweep.sources()]

    def look(cfg=None, parent=sweeping, digests=read, metrics=("val/mse",)):
        run = reusable_run(client, parent, cfg or configuration(outputs), digests, metrics)
        return None if run is None else run.info.run_id

    return look


def test_a_single_run_is_as_good_as_that_of_a_sweep(finished, found):
    assert found() == finished.info.run_id


def test_where_and_under_which_name_a_run_is_recorded_does_not_matter(outputs, finished, found):
    assert found(configuration(outputs, "name=mine", "figures=full", "n_jobs=3")) == finished.info.run_id


def test_another_configuration_other_data_or_another_metric_have_no_result_yet(outputs, found):
    assert found(configuration(outputs, "seed=7")) is None
    assert found(digests=["0" * 64]) is None
    assert found(digests=[*(source.digest for source in small_sweep.sources()), "0" * 64]) is None
    assert found(metrics=("val/mse", "test/mae")) is None


def test_a_run_that_did_not_finish_or_was_pruned_has_no_result(client, finished, found):
    for status in ("FAILED", "KILLED", "RUNNING"):
        client.update_run(finished.info.run_id, status=status)
        assert found() is None
    client.update_run(finished.info.run_id, status="FINISHED")
    client.set_tag(finished.info.run_id, "remanence.outcome", "pruned")
    assert found() is None


def test_a_sweep_does_not_take_over_its_own_runs(client, finished, found):
    client.set_tag(finished.info.run_id, "remanence.sweep", finished.info.run_id)

    assert found(parent=finished.info.run_id) is None


def test_a_run_that_was_resumed_with_other_settings_is_of_another_configuration(client, finished, found):
    client.set_tag(finished.info.run_id, "remanence.resumed.trainer.max_epochs", "60")

    assert found() is None


def test_a_run_that_diverged_has_no_result(client, finished, found):
    client.log_metric(finished.info.run_id, "val/mse", float("nan"), step=10**6)

    assert found() is None
