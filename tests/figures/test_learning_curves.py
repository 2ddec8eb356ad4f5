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


def test_runs_with_long_names_are_told_apart_by_the_values_of_what_all_names_say():
    names = [f"loss=mse, activation=tanh, batch_size={size}, lr=0.01 {size}6ba26" for size in (16, 32)]

    figure = plot_learning_curves({name: [(0, 2.0), (1, 1.0)] for name in names}, metric="val/loss")
    others = plot_learning_curves({name: [(0, 2.0), (1, 1.0)] for name in [*names, "a=1"]}, metric="val/loss")

    assert [line.name for line in figure.data] == ["mse, tanh, 16, 0.01 166ba26", "mse, tanh, 32, 0.01 326ba26"]
    assert figure.layout.legend.title.text == "loss, activation, batch_size, lr"
    assert others.layout.legend.title.text == ""
    assert others.data[0].name.startswith("loss=mse")
