"""A name stands for one search: what may change under it, and what may not."""

import pytest
import small_sweep

SMALL = (*small_sweep.SMALL, "model.lr=0.1,0.2")


@pytest.fixture(autouse=True)
def pretended(monkeypatch, unillustrated):
    """Track without training."""
    monkeypatch.setattr("remanence.verbs.train.train", small_sweep.train)


@pytest.fixture
def runs(all_runs):
    """Return what a sweep must not touch when it is refused or complete."""
    return lambda: {run.info.run_id: (run.info.status, run.info.end_time, run.data.tags) for run in all_runs()}


def test_another_search_or_configuration_under_the_same_name_is_refused(command, runs, parent):
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
    assert parent().info.run_name.startswith("sweep mine: model.")


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


def test_a_grid_that_is_typed_in_another_order_is_another_one(command):
    keys = ("model.lr=0.1,0.2", "seed=0,1")
    assert command("train", "-m", *small_sweep.SMALL, *keys, "sweep.name=mine").code == 0

    result = command("train", "-m", *small_sweep.SMALL, *reversed(keys), "sweep.name=mine")

    assert result.code == 2
    assert "(hydra.sweeper.sampler: grid of model.lr, seed there, grid of seed, model.lr here)" in result.err


@pytest.mark.parametrize("changed", ["hydra.sweeper.seed=1", "hydra.sweeper.sampler=qmc"])
def test_who_proposes_trials_belongs_to_a_search(command, changed):
    search = (*small_sweep.SMALL, "model.lr=interval(0.1,0.2)", "hydra.sweeper.n_trials=1", "sweep.name=mine")
    assert command("train", "-m", *search).code == 0

    result = command("train", "-m", *search, changed)

    assert result.code == 2
    assert f"{changed.partition('=')[0]}: " in result.err


def test_arguments_of_the_sampler_are_typed_with_a_plus(command):
    search = (*small_sweep.SMALL, "model.lr=interval(0.1,0.2)", "hydra.sweeper.n_trials=1")

    assert command("train", "-m", *search, "+hydra.sweeper.sampler_arguments={n_startup_trials: 5}").code == 0
    unknown = command("train", "-m", *search, "+hydra.sweeper.sampler_arguments={n_start: 5}")

    assert unknown.code == 2
    assert unknown.err.startswith("remanence: error: hydra.sweeper.sampler_arguments: ")


def test_a_sweep_does_not_go_on_with_a_file_that_has_changed(command, table, runs):
    path = table()
    data = (
        "experiment=piezo/table",
        "data/split=stratified",
        f"data.path={path}",
        "data.target=d33",
        "data.features=[x,amount]",
    )
    search = ("train", "-m", *data, "baselines=none", "figures=brief", "model.lr=0.1,0.2", "sweep.name=mine")
    assert command(*search).code == 0
    before = runs()
    table(rows=31)

    result = command(*search)

    assert result.code == 2
    assert "mine.csv: SHA-256 " in result.err
    assert runs() == before


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (["n_jobs=abc"], "n_jobs: should be a valid integer, got 'abc'"),
        (["sweep.name=../mine"], "sweep.name: "),
        (["++sweep.trial=0"], "sweep.trial: a sweep sets it"),
        (["hydra.sweeper.n_trial=3"], "hydra.sweeper.n_trial: unknown key; did you mean 'hydra.sweeper.n_trials'?"),
    ],
)
def test_a_mistake_in_what_holds_for_the_sweep_is_one_line(command, all_runs, typed, answer):
    result = command("train", "-m", *SMALL, *typed)

    assert result.code == 2
    assert result.err.startswith(f"remanence: error: {answer}")
    assert len(result.err.splitlines()) == 1
    assert all_runs() == []


def test_a_number_of_trials_of_nothing_is_refused(command):
    result = command("train", "-m", *small_sweep.SMALL, "hydra.sweeper.n_trials=3")

    assert result.err == ("remanence: error: hydra.sweeper.n_trials: nothing is searched; give a key several values\n")


def test_several_values_without_m_say_what_to_add(command):
    result = command("train", *SMALL)

    assert result.code == 2
    assert "model.lr=0.1,0.2: several values; add -m to try each of them" in result.err


@pytest.mark.parametrize(
    "search",
    [
        ["model.lr=1e-3,1e-2"],
        ["sweep=piezo/lr"],
        ["+hydra.sweeper.params={model.lr: 'interval(0.1,1)'}", "hydra.sweeper.n_trials=5"],
        ["model.lr=1e-3,1e-2", "model.lr=interval(1e-3,1e-2)", "hydra.sweeper.n_trials=5"],
    ],
)
def test_a_value_behind_a_search_wins_and_the_one_run_is_trained_and_told(command, children, search):
    result = command("train", "-m", *small_sweep.SMALL, *search, "model.lr=2e-2")

    assert result.code == 0, result.err
    assert [run.data.params["model.lr"] for run in children()] == ["0.02"]
    assert "model.lr=2e-2 replaces the search model.lr=" in result.out
    assert "nothing is left to search: one run with model.lr=2e-2\n" in result.out
    (run,) = children()
    assert result.out.endswith(f"best: trial 0, run {run.info.run_id}\n")


def test_a_value_behind_one_of_two_searches_leaves_the_other(command, children):
    result = command("train", "-m", *small_sweep.SMALL, "model.lr=0.1,0.2", "seed=1,2", "model.lr=0.3")

    assert result.code == 0, result.err
    assert [(run.data.params["model.lr"], run.data.params["seed"]) for run in children()] == [
        ("0.3", "1"),
        ("0.3", "2"),
    ]
    assert "nothing is left" not in result.out


def test_a_search_behind_another_replaces_it(command, children):
    result = command(
        "train", "-m", *small_sweep.SMALL, "model.lr=0.1,0.2", "model.lr=interval(0.3,0.4)", "hydra.sweeper.n_trials=2"
    )

    assert result.code == 0, result.err
    assert all(0.3 <= float(run.data.params["model.lr"]) <= 0.4 for run in children())
    assert len(children()) == 2


def test_the_last_value_wins_in_python_as_well(children, outputs):
    import remanence as rm

    found = rm.sweep("piezo/single", {"model.lr": [0.1, 0.2]}, *small_sweep.SMALL[1:], "model.lr=0.3")

    assert len(found.trials) == 1
    assert [run.data.params["model.lr"] for run in children()] == ["0.3"]


def test_the_last_value_wins_in_a_single_run(command, all_runs):
    assert command("train", *small_sweep.SMALL, "model.lr=0.1", "model.lr=0.3").code == 0

    assert [run.data.params["model.lr"] for run in all_runs()] == ["0.3"]
