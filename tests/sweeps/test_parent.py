"""In which MLflow experiment a sweep is recorded."""

from dataclasses import replace

import pytest
from small_sweep import configuration, planned, sweep

pytestmark = pytest.mark.usefixtures("unillustrated")
NOW = ["mine", "piezo"]
"""Experiments of a sweep on a file of one's own: where it is today, and where earlier releases recorded it."""


@pytest.fixture
def where(client, all_runs):
    """Return the experiment of each run, and whether its tag says the same."""

    def find():
        named = [(client.get_experiment(run.info.experiment_id).name, run.data.tags) for run in all_runs()]
        assert all(tags["remanence.paper"] == name for name, tags in named)
        return sorted(name for name, _ in named)

    return find


def test_a_sweep_goes_on_where_an_earlier_release_began_it(outputs, where, trials, capsys):
    plan = planned(configuration(outputs), "model.lr=0.1,0.2")
    sweep(replace(plan, n_trials=1, experiments=["piezo"]))

    sweep(replace(plan, experiments=NOW))
    assert where() == ["piezo"] * 3
    capsys.readouterr()
    sweep(replace(plan, experiments=NOW))
    assert "2 ok" in capsys.readouterr().out
    assert where() == ["piezo"] * 3
    assert len(trials("piezo/small")) == 2


def test_a_new_sweep_is_in_the_first_experiment_and_reuses_runs_of_the_earlier_one(outputs, where, trials):
    cfg = configuration(outputs)
    sweep(replace(planned(cfg, "model.lr=0.1,0.3"), n_trials=1, experiments=["piezo"]))

    sweep(replace(planned(cfg, "model.lr=0.1,0.2", name="piezo/more"), experiments=NOW))

    assert [trial.user_attrs["outcome"] for trial in trials("piezo/more")] == ["skipped", "ok"]
    assert where().count("mine") == 2, "the parent, and the trial that is new"
