import numpy as np
import pytest

from remanence.figures.parity import plot_parity

pytestmark = pytest.mark.filterwarnings("error")  # matplotlib only warns about axes without extent

LABEL = "d33 (pC/N)"


def drawn(measured, predicted, **arguments):
    figure, ax = plot_parity(measured, predicted, label=LABEL, title="DNN (synthetic data)", **arguments)
    figure.canvas.draw()
    return figure, ax


def three_parts(rows=10):
    random = np.random.default_rng(0)
    measured = {part: random.uniform(100, 210, rows) for part in ("train", "val", "test")}
    return measured, {part: values + random.normal(0, 5, rows) for part, values in measured.items()}


def test_axes_bear_the_quantity_with_its_unit():
    figure, ax = drawn(*three_parts())

    assert ax in figure.axes
    assert ax.get_xlabel() == "measured d33 (pC/N)"
    assert ax.get_ylabel() == "predicted d33 (pC/N)"
    assert ax.get_title() == "DNN (synthetic data)"


def test_every_row_of_every_part_is_a_point():
    measured, predicted = three_parts()

    _, ax = drawn(measured, predicted)

    for part, points in zip(measured, ax.collections, strict=True):
        np.testing.assert_array_equal(points.get_offsets(), np.stack([measured[part], predicted[part]], axis=1))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train (10)", "val (10)", "test (10)"]


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
