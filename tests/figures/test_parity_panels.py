import numpy as np
import pytest

from remanence.figures.parity_panels import plot_parity_panels

LABEL = "d33 (pC/N)"


def values(rows=21, spread=5.0):
    random = np.random.default_rng(0)
    measured = random.uniform(100, 210, rows)
    return measured, measured + random.normal(0, spread, rows), "R² 0.88"


def drawn(panels, label=LABEL):
    figure, axes = plot_parity_panels(panels, label=label, title="losses (synthetic data)")
    figure.draw_without_rendering()
    return figure, axes


def test_every_panel_bears_its_name_and_note_on_common_axes():
    figure, axes = drawn({"MSE": values(), "Smooth L1": values(spread=50.0)})

    assert figure.get_supxlabel() == "measured $d_{33}$ (pC/N)"
    assert figure.get_supylabel() == "predicted $d_{33}$ (pC/N)"
    assert [ax.get_title() for ax in axes] == ["MSE", "Smooth L1"]
    assert [ax.texts[0].get_text() for ax in axes] == ["R² 0.88", "R² 0.88"]
    assert axes[0].get_xlim() == axes[0].get_ylim() == axes[1].get_xlim() == axes[1].get_ylim()
    assert [len(ax.collections[0].get_offsets()) for ax in axes] == [21, 21]


@pytest.mark.parametrize(("number", "rows"), [(1, 1), (4, 1), (5, 2), (9, 3)])
def test_a_new_row_begins_after_four(number, rows):
    figure, axes = drawn({f"model {index}": values() for index in range(number)})

    assert len(axes) == len(figure.axes) == number
    assert len({round(ax.get_position().y0, 3) for ax in axes}) == rows


def test_only_outer_panels_have_tick_labels():
    _, axes = drawn({f"model {index}": values() for index in range(5)})

    assert [ax.yaxis.get_tick_params()["labelleft"] for ax in axes] == [True, False, False, False, True]
    assert [ax.xaxis.get_tick_params()["labelbottom"] for ax in axes] == [False, True, True, True, True]


@pytest.mark.parametrize("rows", [0, 1, 200])
def test_any_number_of_rows_is_drawn(rows):
    _, (ax,) = drawn({"MSE": values(rows)})

    assert len(ax.collections[0].get_offsets()) == rows


def test_long_names_and_labels_leave_room_for_the_panels():
    name = "gaussian process with a rather long name"

    _, axes = drawn({name: values(), name + "!": values()}, label="relative permittivity at 1 kHz and room temperature")

    boxes = [ax.title.get_window_extent() for ax in axes]
    assert boxes[0].x1 < boxes[1].x0
    assert all(ax.get_window_extent().height > 1.2 * ax.figure.dpi for ax in axes)  # inches
