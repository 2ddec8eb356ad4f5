from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.figures.explorer.page import explorer_page
from remanence.studies.design.verdicts import INTERVALS, PREDICTED
from remanence.studies.suggest.goals import GOALS, parse_goals
from remanence.studies.table.explored_campaign import explored_campaign, show_replayed, show_suggested
from remanence.tracking.campaign import FORKED_TAG, MEASURED_TAG, measured_tag

Y = np.array([[3.0, 1.0], [5.0, 4.0], [4.0, 0.0], [9.0, 2.0], [7.0, -3.0]])


class Columns(SimpleNamespace):
    def label(self, name):
        return f"{name} (V)"


DATA = SimpleNamespace(
    y=Y,
    targets=["d33", "gap"],
    columns=Columns(composition=None, features=["x"], levels={}, targets=["d33", "gap"]),
)


class Tracked(SimpleNamespace):
    def beside(self, run_id):
        return self.others[run_id]

    def log_text(self, text, name):
        self.logged = {name: text}


def tracked(rows=None, y=Y, folder=None):
    """Return a run; with a number of rows it was forked from a run on so many."""
    first = None if rows is None else {MEASURED_TAG: measured_tag(y[:rows], DATA.targets)}
    tags = {} if first is None else {FORKED_TAG: "a"}
    origin = Tracked(id="a", name="first", found=SimpleNamespace(data=SimpleNamespace(tags=first)))
    found = SimpleNamespace(data=SimpleNamespace(tags=tags))
    return Tracked(id="b", name="mine", found=found, others={"a": origin}, folder=folder)


def test_the_best_value_so_far_rises_where_a_row_is_better_and_each_run_has_its_own():
    campaign = explored_campaign(tracked(3), DATA)

    highest, lowest = campaign["targets"][0]["goals"]
    assert (highest["name"], highest["at"], highest["best"]) == ("highest value", [1, 2, 4], [3, 5, 9])
    assert (lowest["name"], lowest["at"], lowest["best"]) == ("lowest value", [1], [3])
    assert highest["reached"] == [5, 9]
    assert campaign["runs"] == [{"name": "first", "rows": 3}, {"name": "mine", "rows": 5}]
    assert campaign["order"].startswith("in the order of the table's rows: the first ones have")


def test_rows_that_stand_in_another_order_than_the_runs_are_told():
    campaign = explored_campaign(tracked(3, y=Y[::-1]), DATA)

    assert "not that of the runs: those of first are not its first 3" in campaign["order"]


def test_a_run_that_goes_on_with_none_has_no_campaign_until_something_is_wanted():
    assert explored_campaign(tracked(), DATA) is None
    assert explored_campaign(tracked(5), DATA) is None  # forked with no new row

    campaign = explored_campaign(tracked(), DATA, parse_goals("d33=min,gap=1.4", DATA.targets))

    d33, gap = (target["goals"] for target in campaign["targets"])
    assert [goal["name"] for goal in d33] == ["lowest value"]
    assert (gap[0]["name"], gap[0]["at"]) == ("value nearest to 1.4", [1])  # row 1 has 1.0, row 4 has 2.0
    assert campaign["order"].endswith("the run does not know")


@pytest.mark.parametrize(
    ("goal", "at", "name"),
    [
        ("gap in [1.5,2.5]", [1, 4], "value nearest to the middle of 1.5 to 2.5"),
        ("gap>1", [1, 2], "highest value, wanted > 1"),
        ("gap<-1", [1, 3, 5], "lowest value, wanted < -1"),
    ],
)
def test_a_range_or_limit_is_followed_as_well(goal, at, name):
    (followed,) = explored_campaign(tracked(), DATA, parse_goals(goal, DATA.targets))["targets"][1]["goals"]

    assert (followed["at"], followed["name"]) == (at, name)


def suggested():
    table = pd.DataFrame({"x": [0.25], "d33": [8.0], "gap": [1.0], "d33_low": [7.0], "d33_high": [9.0]})
    table = table.assign(nearest="x=0.2: 9", reason="uncertain: may be better than predicted", extrapolated="yes")
    table.attrs |= {
        GOALS: "d33=max",
        PREDICTED: {"d33": "d33", "gap": "gap"},
        INTERVALS: {"d33": ("d33_low", "d33_high")},
    }
    return table


def test_suggestions_and_a_backtest_are_added_to_the_page_of_the_run(tmp_path):
    run = tracked(folder=tmp_path)
    (tmp_path / "figures").mkdir()
    path = tmp_path / "figures" / "explorer.html"
    path.write_text(explorer_page("table", title="t", data={"campaign": None}), encoding="utf-8")

    show_suggested(run, DATA, suggested())

    page = run.logged["figures/explorer.html"]
    assert '"rows": [["0.25"]]' in page
    assert '{"predicted": [8.0], "low": [7.0], "high": [9.0]}, {"predicted": [1.0], "low": null, "high": null}' in page
    path.write_text(page, encoding="utf-8")
    curve = pd.DataFrame({"way": "suggest", "measured": [2, 4], "best": [1.0, 3.0], "best_se": 0.1, "campaigns": 6})

    show_replayed(run, DATA, curve, "gap=max")

    both = run.logged["figures/explorer.html"]
    assert '"rows": [["0.25"]]' in both
    assert (
        '"backtest": {"label": "gap (V)", "ways": [{"name": "suggest", "measured": [2, 4], "best": [1.0, 3.0]' in both
    )


def test_a_run_without_a_page_is_left_as_it_is(tmp_path):
    run = tracked(folder=tmp_path)

    show_suggested(run, DATA, suggested())

    assert not hasattr(run, "logged")
