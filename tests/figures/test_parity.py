import numpy as np
import pytest

from remanence.figures.parity import plot_parity

pytestmark = pytest.mark.filterwarnings("error")  # matplotlib only warns about axes without extent

LABEL = "d33 (pC/N)"


def drawn(measured, predicted, **arguments):
    figure, ax = plot_parity(measured, predicted, label=LABEL, title="DNN (synthetic data)", **arguments)
    figure.draw_without_rendering()
    return figure, ax


def three_parts(rows=10):
    random = np.random.default_rng(0)
    measured = {part: random.uniform(100, 210, rows) for part in ("train", "val", "test")}
    return measured, {part: values + random.normal(0, 5, rows) for part, values in measured.items()}


def test_axes_bear_the_quantity_with_its_unit():
    figure, ax = drawn(*three_parts())

    assert ax in figure.axes
    assert ax.get_xlabel() == "measured $d_{33}$ (pC/N)"
    assert ax.get_ylabel() == "predicted $d_{33}$ (pC/N)"
    assert ax.get_title() == "DNN (synthetic data)"


def test_every_row_of_every_part_is_a_point():
    measured, predicted = three_parts()

    _, ax = drawn(measured, predicted)

    for part, points in zip(measured, ax.collections, strict=True):
        np.testing.assert_array_equal(points.get_offsets(), np.stack([measured[part], predicted[part]], axis=1))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train, n = 10", "val, n = 10", "test, n = 10"]


def test_all_points_lie_inside_equal_axes_with_the_line_of_perfect_prediction():
    measured, predicted = three_parts()
    predicted["test"][0] = 400.0

    _, ax = drawn(measured, predicted)

    low, high = ax.get_xlim()
    assert ax.get_ylim() == (low, high)
    assert low < min(values.min() for values in measured.values())
    assert high > 400
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), line.get_ydata())


def test_a_note_is_written_into_the_axes():
    _, ax = drawn(*three_parts(), note="test R² 0.88\nRMSE 4.5")

    assert "test R² 0.88\nRMSE 4.5" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("value", [0.0, 188.5, -3.0])
def test_one_row_predicted_exactly_is_drawn(value):
    _, ax = drawn({"test": np.array([value])}, {"test": np.array([value])})

    low, high = ax.get_xlim()
    assert low < value < high


def test_a_part_without_rows_is_drawn():
    nothing = np.array([])

    _, ax = drawn({"train": np.array([1.0, 2.0]), "test": nothing}, {"train": np.array([1.0, 2.5]), "test": nothing})

    assert len(ax.collections) == 2


def bars(ax):
    (container,) = ax.containers
    return container.lines[2][0].get_segments()


def test_test_rows_carry_their_interval():
    measured, predicted = three_parts()

    _, ax = drawn(measured, predicted, half_width=30.0, coverage=0.8)

    heights = [upper[1] - lower[1] for lower, upper in bars(ax)]
    np.testing.assert_allclose(heights, np.full(10, 60.0))
    assert ax.get_legend().get_texts()[-1].get_text() == "80 % interval"
    assert ax.get_ylim()[1] > predicted["test"].max() + 30


def test_one_interval_that_is_wide_leaves_room_for_the_points():
    measured, predicted = three_parts()
    width = np.full(10, 8.0)
    width[3] = 5000.0

    _, ax = drawn(measured, predicted, half_width=width)

    low, high = ax.get_ylim()
    assert low < 100 - 8
    assert high - low < 3 * 110


def test_rows_without_a_finite_interval_have_no_bar():
    measured, predicted = three_parts(3)

    _, ax = drawn(measured, predicted, half_width=np.array([5.0, np.nan, 7.0]))

    assert len(bars(ax)) == 2


def test_an_unknown_interval_leaves_the_figure_as_it_is_without():
    _, ax = drawn(*three_parts(), half_width=np.nan)

    assert not ax.containers
    assert len(ax.get_legend().get_texts()) == 3


def test_parts_of_other_names_are_drawn_too():
    values = np.array([1.0, 2.0])
    parts = dict.fromkeys(("train", "val", "test", "Sr", "Bi"), values)

    _, ax = drawn(parts, parts)

    assert [text.get_text() for text in ax.get_legend().get_texts()][-2:] == ["Sr, n = 2", "Bi, n = 2"]


def test_a_long_title_is_broken_into_lines_that_fit():
    measured, predicted = three_parts()

    figure, ax = plot_parity(measured, predicted, label=LABEL, title="a rather long title " * 8)
    figure.draw_without_rendering()

    assert ax.title.get_window_extent().width < figure.bbox.width
