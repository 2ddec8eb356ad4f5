import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from remanence.tracking.comparison import best_baseline, common_objective, shown_metrics
from remanence.verbs.comparison_page import comparison_page


def run(name="a", run_id="0" * 32, *, status="FINISHED", params=None, **metrics):
    asked = {"objective": "val/mse", "objective_direction": "minimize"}
    return SimpleNamespace(
        info=SimpleNamespace(run_name=name, run_id=run_id, status=status, experiment_id="3"),
        data=SimpleNamespace(params={**asked, **(params or {})}, metrics=metrics, tags={}),
    )


def runs():
    return [
        run(
            f"lr {lr}", f"{number}" * 32, params={"model.lr": lr, "data.noise": "2"},
            **{"val/mse": value, "test/r2": 1 - value / 10},
            **{"baseline/linear/test/r2": 0.7, "baseline/svr/test/r2": 0.8},
        )
        for number, (lr, value) in enumerate([("0.001", 4.0), ("0.01", 1.0), ("0.1", 3.0)])
    ]  # fmt: skip


class Page(HTMLParser):
    """Headings, cells and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags: list[str] = [""]
        self.heads, self.rows, self.text, self.addresses = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for key, value in attributes if key in ("src", "href")]
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append(dict(attributes))

    def handle_data(self, data):
        if self.tags[-1] not in ("script", "style"):
            self.text.append(data.strip())
        if self.tags[-1] == "th":
            self.heads.append(data)
        if self.rows and self.rows[-1] and self.tags[-1] in ("td", "span", "code"):
            self.rows[-1][-1].setdefault("shown", []).append(data)


def test_the_page_needs_no_network_and_holds_plotly_once():
    text = comparison_page(runs(), title="piezo", uri="sqlite:////x.db")

    page = Page(text)
    assert page.addresses == []
    assert text.count("* plotly.js v") == 1
    assert "<title>piezo: 3 runs</title>" in text
    assert text.count('class="plotly-graph-div"') == 2


def test_every_run_has_a_row_with_metrics_parameters_and_its_id():
    page = Page(comparison_page(runs(), title="piezo", uri="sqlite:////x.db"))

    assert page.heads == ["run", "status", "val/mse", "test/r2", "lr", "id"]
    first, second, third = page.rows[1:]
    assert [cell["shown"][0] for cell in second] == ["lr 0.01", "FINISHED", "1", "0.9", "0.01", "1" * 32]
    assert [cell["data-sort"] for cell in first][2:4] == ["4.0", "0.6"]
    assert second[3]["shown"] == ["0.9", "0.8 svr"]
    assert [row[2]["class"] for row in (first, second, third)] == ["number", "number top", "number"]


def test_the_best_run_is_named_with_its_baseline():
    page = Page(comparison_page(runs(), title="piezo", uri="sqlite:////x.db"))

    text = " ".join(page.text)
    assert "lr 0.01 has the best val/mse" in text
    assert "val/mse 1, test/r2 0.9 (svr: 0.8)" in text
    assert "3 runs · 3 finished · objective val/mse (lower is better)" in text


def test_runs_of_a_server_are_linked():
    page = Page(comparison_page(runs(), title="piezo", uri="http://lab:5000"))

    assert page.addresses == [f"http://lab:5000/#/experiments/3/runs/{n}" for n in ("0" * 32, "1" * 32, "2" * 32)]


def test_names_are_escaped():
    named = [run("<b>&\"'", params={"data.target": value}, **{"val/mse": 1.0}) for value in ("d33 <x>", "eps_r", "c")]

    text = comparison_page(named, title="<script>alert(1)</script>", uri="sqlite:////x.db")

    assert "<b>&\"'" not in text
    assert "alert(1)</script>" not in text
    assert "d33 &lt;x&gt;" in text


@pytest.mark.parametrize("there", [[run()], [run(status="FAILED"), run(status="RUNNING")]])
def test_runs_without_metrics_have_a_table_only(there):
    text = comparison_page(there, title="piezo", uri="sqlite:////x.db")

    page = Page(text)
    assert len(page.rows) == 1 + len(there)
    assert "plotly" not in text


def test_parameters_that_vary_alike_and_those_of_baselines_have_no_axis():
    lrs = [("0.1", "a", "1"), ("0.2", "b", "2"), ("0.3", "c", "3")]
    many = [
        run(params={"model.lr": lr, "name.of": same, "baselines.svr.c": other}, **{"val/mse": float(other)})
        for lr, same, other in lrs
    ]

    text = comparison_page(many, title="piezo", uri="sqlite:////x.db")

    assert re.findall(r'"label":"([^"]*)"', text) == ["lr", "val\\u002fmse"] or re.findall(
        r'"label":"([^"]*)"', text
    ) == ["lr", "val/mse"]


def test_what_a_sampler_has_drawn_has_an_axis_each():
    drawn = [("0.004", "279", "279"), ("0.0005", "499", "499"), ("0.19", "251", "251")]
    many = [
        run(params={"data.batch_size": size, "data.as_well": same, "model.lr": lr}, **{"val/mse": float(lr)})
        for lr, size, same in drawn
    ]

    text = comparison_page(many, title="piezo", uri="sqlite:////x.db")

    assert re.findall(r'"label":"([^"]*)"', text)[:-1] in (["as_well", "lr"], ["batch_size", "lr"])


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (["test/r2", "test/mae"], ["test/r2", "test/mae"]),
        (["test/mae", "test/ions/mae", "test/ions/r2"], ["test/mae", "test/ions/mae"]),
        (["test/r2", "test/d33/r2", "test/d33/mae"], ["test/r2", "test/d33/r2"]),
        (["test/piezoresponse/rmse"], ["test/piezoresponse/rmse"]),
        (["test/best_of_repeats/r2", "test/physics/a/mae", "train/mae"], []),
    ],
)
def test_scales_targets_and_channels_are_shown_beside_the_plain_metrics(metrics, expected):
    values = {key: float(place) for place, key in enumerate(metrics)}
    there = [run(params={"model.scales.ions.latent_dim": "3"}, **values)]

    assert shown_metrics(there) == expected


def test_the_first_target_is_not_shown_twice():
    there = [run(**{"test/r2": 0.5, "test/d33/r2": 0.5, "test/eps_r/r2": 0.4})]

    assert shown_metrics(there) == ["test/r2", "test/eps_r/r2"]


@pytest.mark.parametrize(
    ("key", "expected"), [("test/r2", ("b", 0.9)), ("test/mae", ("a", 1.0)), ("test/mse", (None, None))]
)
def test_the_best_baseline_has_the_highest_r2_or_the_lowest_error(key, expected):
    metrics = {
        "baseline/a/test/r2": 0.1, "baseline/b/test/r2": 0.9, "baseline/a/test/mae": 1.0, "baseline/b/test/mae": 2.0,
        "baseline/c/test/ions/mae": 0.0, "test/r2": 1.0,
    }  # fmt: skip

    assert best_baseline(metrics, key) == expected


def test_the_objective_is_that_of_most_runs_that_have_it():
    several = {"objective": "['test/r2', 'val/mse']", "objective_direction": "['maximize', 'minimize']"}
    there = [run(params=several, **{"test/r2": 1.0}), run(params=several, **{"test/r2": 1.0}), run(**{"val/mse": 1.0})]

    assert common_objective(there) == ("test/r2", False)
    assert common_objective([run(**{"val/mse": 1.0})]) == ("val/mse", True)
    assert common_objective([run()]) is None
