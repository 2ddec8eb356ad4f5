import pytest

import remanence as rm
from remanence.configuration.build import build
from remanence.tracking.start import start
from remanence.verbs.repeat import seed_list

SMALL = ("data.replicates=4", "baselines=none", "figures=brief")


@pytest.fixture(autouse=True)
def trained(monkeypatch):
    """Runs whose metrics follow from seed and learning rate; the list has the seeds that were trained."""
    seeds = []

    def train(cfg, *, report=None, resume_run=None, resume_from=None, began=lambda run: None, read=None):
        with start(cfg, build("data", cfg.data).open().sources, synthetic=True, resume=resume_run) as tracked:
            began(tracked)
            seeds.append(cfg.seed)
            value = cfg.seed + 100 * cfg.model["lr"]
            tracked.log_metrics({"val/mse": value, "test/r2": value / 2})
            return (value,)

    monkeypatch.setattr("remanence.verbs.train.train", train)
    return seeds


def test_a_repeat_trains_every_seed_and_prints_what_they_have_in_common(command, trained, parent, client):
    result = command("repeat", "experiment=piezo/single", "seeds=4..6", "model.lr=0.01", *SMALL)

    assert result.code == 0, result.err
    assert trained == [4, 5, 6]
    _, title, table = result.out.partition("over seeds: mean, sd, 95 % interval of the mean, range")
    (line,) = [line for line in table.splitlines() if "val/mse" in line]
    assert title
    assert line.replace("│", "").split() == ["val/mse", "3", "6", "1", "3.516", "8.484", "5", "7"]
    assert "best: trial" not in result.out
    logged = client.list_artifacts(parent().info.run_id, "tables")
    assert "tables/repeats.csv" in [entry.path for entry in logged]


@pytest.mark.usefixtures("unillustrated")
def test_the_same_repeat_trains_nothing_again_and_more_seeds_train_only_the_new_ones(command, trained):
    typed = ("repeat", "experiment=piezo/single", *SMALL)
    first = command(*typed, "seeds=2")
    again = command(*typed, "seeds=2")
    more = command(*typed, "seeds=3")

    assert trained == [0, 1, 2]
    table = "over seeds: mean, sd"
    assert [table in result.out for result in (first, again, more)] == [True] * 3
    assert "1 ok, 0 pruned, 0 failed, 2 skipped" in more.out


@pytest.mark.usefixtures("unillustrated")
def test_a_repeat_from_python_is_that_of_the_command_line(outputs, trained):
    found = rm.repeat("piezo/single", range(2), *SMALL, search={"model.lr": [0.01, 0.02]})

    table = found.repeats[found.repeats["metric"] == "val/mse"]
    assert table[["model.lr", "n", "mean"]].to_numpy().tolist() == [["0.01", 2, 1.5], ["0.02", 2, 2.5]]
    assert found.run.tags["mlflow.source.name"].endswith("model.lr=0.01,0.02 seed=0,1 " + " ".join(SMALL))
    assert trained == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "repeat: seeds=… must be given: a number of seeds, a range such as 10..19 or a list such as 0,3,7"),
        (("seeds=1",), "seeds: one seed does not say how much is chance, got 1; expected a number of seeds"),
        (("seeds=9..9",), "seeds: one seed does not say how much is chance, got 9..9"),
        (
            ("seeds=ten",),
            "a list such as 0,3,7, got 'ten'",
        ),
        (("seeds=-3",), "got '-3'"),
        (("seeds=1,1",), "seeds: a seed stands twice in 1,1"),
        (("seeds=2", "seeds=3"), "repeat: seeds=… must be given once"),
        (("seeds=2", "seed=4"), "repeat: seed=4: seeds=… lists the seeds"),
        (("seeds=2", "pruner=asha"), "repeat: pruner=asha: the mean would be of the seeds that were not stopped"),
        (("seeds=2", "resume=abc"), "repeat: resume=abc: one run is resumed at a time"),
        (("seeds=2", "sweep=piezo/bayes"), "repeat: sweep=piezo/bayes: "),
        (("seeds=2", "model.lrr=1"), "model.lrr: unknown key; did you mean 'model.lr'"),
    ],
)
def test_a_mistake_is_one_line_and_no_run(command, all_runs, arguments, reason):
    result = command("repeat", "experiment=piezo/single", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert reason in line
    assert all_runs() == []


@pytest.mark.parametrize(
    ("given", "listed"),
    [(3, "0,1,2"), ("3", "0,1,2"), ("10..12", "10,11,12"), ("[0, 7]", "0,7"), ((5, 1), "5,1")],
)
def test_seeds_are_a_number_a_range_or_a_list(given, listed):
    assert seed_list(given) == listed
