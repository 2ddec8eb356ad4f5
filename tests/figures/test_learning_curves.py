from remanence.figures.learning_curves import LONGEST, MOST_POINTS, plot_learning_curves


def test_each_run_is_a_curve_over_epochs_that_count_from_one():
    figure = plot_learning_curves({"a": [(0, 3.0), (1, 2.0)], "b": [(0, 4.0), (1, 1.0)]}, metric="val/loss")

    assert [curve.name for curve in figure.data] == ["a", "b"]
    assert figure.data[0].x.tolist() == [1, 2]
    assert figure.data[1].y.tolist() == [4.0, 1.0]
    assert figure.layout.yaxis.title.text == "val/loss"
    assert figure.layout.yaxis.type == "linear"


def test_values_over_decades_have_a_logarithmic_axis():
    figure = plot_learning_curves({"a": [(0, 3.0), (1, 0.002)]}, metric="val/loss")

    assert figure.layout.yaxis.type == "log"


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    figure = plot_learning_curves({"a": [(step, 1.0 + step) for step in range(5000)]}, metric="val/loss")

    x = figure.data[0].x
    assert len(x) == MOST_POINTS
    assert (x[0], x[-1]) == (1, 5000)


def test_a_name_is_cut_and_is_no_markup():
    figure = plot_learning_curves({"<b>": [(0, 1.0), (1, 2.0)], "x" * 99: [(0, 1.0), (1, 2.0)]}, metric="m")

    assert figure.data[0].name == "&lt;b&gt;"
    assert len(figure.data[1].name) == LONGEST


def test_without_curves_there_is_no_figure():
    assert plot_learning_curves({"a": [(0, 1.0)], "b": []}, metric="val/loss") is None
