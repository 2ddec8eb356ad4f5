"""A name stands for one search: what may change under it, and what may not."""

import pytest
import small_sweep

SMALL = (*small_sweep.SMALL, "model.lr=0.1,0.2")


@pytest.fixture(autouse=True)
def pretended(monkeypatch, unillustrated):
    """Track without training."""
    monkeypatch.setattr("remanence.train.train", small_sweep.train)


@pytest.fixture
def runs(all_runs):
    """Return what a sweep must not touch when it is refused or complete."""
    return lambda: {run.info.run_id: (run.info.status, run.info.end_time, run.data.tags) for run in all_runs()}


def test_another_search_or_configuration_under_the_same_name_is_refused(command, runs):
    assert command("train", "-m", *SMALL, "sweep.name=mine").code == 0
    before = runs()

    other_search = command("train", "-m", *small_sweep.SMALL, "model.lr=0.1,0.3", "sweep.name=mine")
    other_model = command("train", "-m", *SMALL, "model.activation=relu", "sweep.name=mine")

    assert (other_search.code, other_model.code) == (2, 2)
    assert other_search.err == (
        "remanence: error: sweep.name: the sweep 'mine' searches something else "
        "(model.lr: 0.1,0.2 there, 0.1,0.3 here); give another name, or the same search\n"
    )
    assert "(model.activation: tanh there, relu here)" in other_model.err
    assert runs() == before


def test_a_complete_sweep_that_is_repeated_changes_nothing_however_it_would_be_run(command, runs, monkeypatch):
    assert command("train", "-m", *SMALL, "sweep.name=mine").code == 0
    before = runs()
    monkeypatch.setattr("remanence.sweeps.pool.warm_up", lambda: None)

    again = command(
        "train",
        "-m",
        *SMALL,
        "sweep.name=mine",
        "n_jobs=3",
        "hydra/launcher=joblib",
        "name=other",
        "+tracking.tags.a=b",
        "hydra.sweeper.on_failure=stop",
        "figures=full",
    )

    assert again.code == 0, again.err
    assert runs() == before


def test_searches_without_a_name_are_told_apart_by_what_they_search(command, all_runs):
    for search in (["seed=0"], ["seed=1"], ["seed=0"]):
        assert command("train", "-m", *small_sweep.SMALL, "model.lr=choice(0.1)", *search).code == 0

    parents = [run.data.tags for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
    names = {tags["remanence.sweep_name"] for tags in parents}
    assert len(parents) == len(names) == 2
    assert all(name.startswith("piezo/single/grid-") for name in names)


def test_which_trial_a_run_is_only_a_sweep_can_say(command, all_runs):
    for mode in ([], ["-m"]):
        result = command("train", *mode, *SMALL, "sweep.trial=3", "sweep.name=mine")

        assert result.code == 2
        assert result.err == "remanence: error: sweep.trial: a sweep sets it, for its own trials; leave it out\n"
    assert all_runs() == []
