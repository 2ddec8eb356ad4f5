from compared_runs import compared_run

from remanence.verbs import group_sections as module
from remanence.verbs.group_sections import best_runs, group_sections

OBJECTIVE = ("val/mse", True)


class Files:
    """Two epochs of each run, and no figures."""

    def history(self, runs, key):
        return {run.info.run_id: [(0, 3.0), (1, 1.0)] for run in runs}

    def names(self, run, folder, ending):
        return []


def runs(number, **given):
    values = ({"val/mse": float(place), "val/loss": 1.0} for place in range(number))
    return [compared_run(f"run {place}", f"{place}" * 32, **given, **each) for place, each in enumerate(values)]


def test_each_group_of_runs_has_its_learning_curves():
    other = runs(2, digest="d2")

    sections = group_sections([*runs(3), *other, compared_run(digest="d3")], Files(), OBJECTIVE)

    assert len(sections) == 2
    assert all("Learning curves: mine.csv, target d33" in section for section in sections)
    assert "run 2 22222222" in sections[0]
    assert "run 2 22222222" not in sections[1]


def test_of_many_runs_the_best_are_drawn_and_it_is_said(monkeypatch):
    monkeypatch.setattr(module, "MOST_CURVES", 2)

    (section,) = group_sections(runs(4)[::-1], Files(), OBJECTIVE)

    assert "The best 2 of 4 runs." in section
    assert "run 0" in section
    assert "run 3" not in section


def test_the_best_runs_keep_their_order_and_without_an_objective_the_newest_count():
    every = runs(4)[::-1]

    assert [run.info.run_name for run in best_runs(every, OBJECTIVE, 2)] == ["run 1", "run 0"]
    assert [run.info.run_name for run in best_runs(every, ("val/mse", False), 2)] == ["run 3", "run 2"]
    assert [run.info.run_name for run in best_runs(every, None, 1)] == ["run 0"]
