import math

import numpy as np
import pandas as pd
import pytest

from remanence.figures.comparison import BAD, GOOD, MOST_ROWS, MOST_VALUES, plot_beside_baselines, plot_parallel

PARAMETERS = pd.DataFrame(
    {
        "lr": ["0.001", "0.01", "0.1", "0.01"],
        "units": ["16", "32", "64", "16"],
        "activation": ["tanh", "relu", "relu", ""],
        "model": [*["remanence.models.dnn.DNN"] * 3, "remanence.models.linear.Linear"],
        "constant": ["1"] * 4,
    }
)


def axes_of(figure):
    return {axis.label: axis for axis in figure.data[0].dimensions}


def test_every_varying_parameter_has_an_axis_and_the_metric_the_last():
    figure = plot_parallel(PARAMETERS, pd.Series([4.0, 3.0, 2.0, 1.0]), metric="val/mse", minimize=True)

    axes = axes_of(figure)
    assert list(axes) == ["lr", "units", "activation", "model", "val/mse"]
    assert list(axes["val/mse"].values) == [4.0, 3.0, 2.0, 1.0]
    assert list(axes["units"].values) == [16, 32, 64, 16]
    assert (axes["model"].ticktext, list(axes["model"].values)) == (("DNN", "Linear"), [0, 0, 0, 1])
    assert axes["activation"].ticktext == ("–", "relu", "tanh")


def test_decades_are_drawn_logarithmically():
    axes = axes_of(plot_parallel(PARAMETERS, pd.Series([1.0, 10.0, 100.0, 1000.0]), metric="val/mse", minimize=True))

    assert list(axes["lr"].values) == pytest.approx([-3, -2, -1, -2])
    assert axes["lr"].ticktext == ("0.001", "0.01", "0.1")
    assert list(axes["log₁₀ val/mse"].values) == pytest.approx([0, 1, 2, 3])


@pytest.mark.parametrize("minimize", [True, False])
def test_the_best_run_is_the_darkest(minimize):
    figure = plot_parallel(PARAMETERS, pd.Series([4.0, 3.0, 2.0, 1.0]), metric="m", minimize=minimize)

    line = figure.data[0].line
    assert line.colorscale[0][1] == "#0b3954"
    assert line.reversescale is not minimize


def test_runs_without_a_value_are_left_out():
    values = pd.Series([4.0, math.nan, 2.0, 1.0])

    axes = axes_of(plot_parallel(PARAMETERS, values, metric="m", minimize=True))

    assert list(axes["m"].values) == [4.0, 2.0, 1.0]
    assert list(axes["units"].values) == [16, 64, 16]


def test_names_of_every_run_its_own_have_no_axis():
    many = pd.DataFrame(
        {"name": [f"run {number}" for number in range(MOST_VALUES + 1)], "lr": ["1", "2", "3"] * 8 + ["4"]}
    )

    axes = axes_of(plot_parallel(many, pd.Series(np.arange(len(many)) + 1.0), metric="m", minimize=True))

    assert list(axes) == ["lr", "m"]


@pytest.mark.parametrize(
    ("parameters", "values"),
    [(PARAMETERS[["constant"]], [1.0, 2.0, 3.0, 4.0]), (PARAMETERS, [1.0, math.nan, math.nan, 2.0])],
)
def test_nothing_to_draw_is_none(parameters, values):
    assert plot_parallel(parameters, pd.Series(values), metric="m", minimize=True) is None


def traces_of(figure):
    return {trace.name: trace for trace in figure.data}


@pytest.mark.parametrize("minimize", [True, False])
def test_the_best_run_is_on_top_and_better_or_worse_than_its_baseline(minimize):
    baselines = [("linear", 2.0), ("forest", 2.5), (None, None)]

    figure = plot_beside_baselines(["a", "b", "c"], [1.0, 3.0, 2.0], baselines, metric="m", minimize=minimize)

    traces = traces_of(figure)
    names = list(figure.layout.yaxis.ticktext)
    assert names == (["b", "c", "a"] if minimize else ["a", "c", "b"])
    assert list(traces["run"].x) == [{"a": 1.0, "b": 3.0, "c": 2.0}[name] for name in names]
    better, worse = traces["better than its baseline"], traces["worse than its baseline"]
    assert [value for value in better.x if value is not None] == ([1.0, 2.0] if minimize else [3.0, 2.5])
    assert [value for value in worse.x if value is not None] == ([3.0, 2.5] if minimize else [1.0, 2.0])
    assert (better.line.color, worse.line.color) == (GOOD, BAD)
    assert sorted(traces["best baseline"].text) == ["forest", "linear"]


def test_only_the_best_of_many_runs_are_drawn():
    values = list(range(MOST_ROWS + 10))

    figure = plot_beside_baselines(
        [str(v) for v in values], values, [(None, None)] * len(values), metric="m", minimize=True
    )

    assert sorted(traces_of(figure)["run"].x) == values[:MOST_ROWS]


def test_without_a_value_there_is_no_figure():
    assert plot_beside_baselines(["a"], [math.nan], [(None, None)], metric="m", minimize=True) is None
