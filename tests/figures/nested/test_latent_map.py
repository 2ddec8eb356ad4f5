import numpy as np
import pytest

from remanence.figures.nested.latent_map import LatentPanel, plot_latent_map

pytestmark = pytest.mark.filterwarnings("error")
LABELS = ("PC 1 of the latents (62 %)", "PC 2 of the latents (21 %)")


def drawn(points, *panels):
    figure, axes = plot_latent_map(points, panels, labels=LABELS, title="ions")
    figure.draw_without_rendering()
    return figure, axes


def plane(rows):
    return np.random.default_rng(0).normal(size=(rows, 2))


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_numbers_get_a_colour_bar_and_missing_ones_stay_visible():
    points, gap = plane(20), np.arange(20.0)
    gap[3] = np.nan

    _, (ax,) = drawn(points, LatentPanel("gap (eV)", gap))

    missing, known = ax.collections
    np.testing.assert_array_equal(missing.get_offsets(), points[[3]])
    np.testing.assert_array_equal(known.get_array(), np.delete(gap, 3))
    assert ax.get_title() == "gap (eV)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS
    assert len(ax.child_axes) == 1
    assert ax.get_legend() is None


def test_categories_get_a_legend_with_the_most_frequent_first():
    solvents = np.array(["DMF", "DMSO", "DMSO", "GBL", "GBL", "GBL"])

    _, (ax,) = drawn(plane(6), LatentPanel("solvent", solvents))

    assert legend(ax) == ["GBL", "DMSO", "DMF"]
    assert [len(group.get_offsets()) for group in ax.collections] == [3, 2, 1]


@pytest.mark.parametrize(("number", "entries"), [(1, 1), (10, 10), (14, 10)])
def test_rare_categories_are_drawn_as_one(number, entries):
    names = np.repeat([f"composition {k:02d}" for k in range(number)], 2)

    _, (ax,) = drawn(plane(2 * number), LatentPanel("composition", names))

    assert len(legend(ax)) == entries
    assert sum(len(group.get_offsets()) for group in ax.collections) == 2 * number
    if number > 10:
        assert legend(ax)[-1] == "5 others"


def test_ten_categories_differ_in_colour_or_marker():
    names = np.array([f"ion {k}" for k in range(10)])

    _, (ax,) = drawn(plane(10), LatentPanel("A ion", names))

    looks = {
        (tuple(group.get_facecolor()[0]), group.get_paths()[0].vertices.round(3).tobytes()) for group in ax.collections
    }
    assert len(looks) == 10


def test_panels_share_their_limits_and_stand_two_in_a_row():
    points = plane(30)
    panels = [LatentPanel("gap (eV)", points[:, 0]) for _ in range(4)] + [LatentPanel("all", np.full(30, "MA"))]

    figure, axes = drawn(points, *panels)

    assert len({ax.get_xlim() for ax in axes}) == 1
    assert axes[0].get_gridspec().ncols == 2
    assert [ax.get_xlabel() != "" for ax in axes] == [False, False, False, True, True]
    assert figure.get_figwidth() == 7.2


def test_legends_and_colour_bars_stay_inside_the_figure_and_off_the_next_panel():
    names = np.array(["TiO2-c | TiO2-mp", "a layer with a very long name"])[np.arange(30) % 2]
    points = plane(30)

    figure, (first, second) = drawn(points, LatentPanel("layer", names), LatentPanel("PCE (%)", points[:, 1]))

    assert first.get_legend().get_window_extent().x1 < second.get_window_extent().x0
    assert second.child_axes[0].get_tightbbox().x1 <= figure.bbox.width


def test_values_of_other_rows_are_refused():
    with pytest.raises(ValueError, match=r"`panels\['gap'\].values` to be of shape \(5,\), but got \(4,\)"):
        drawn(plane(5), LatentPanel("gap", np.zeros(4)))
    with pytest.raises(ValueError, match=r"`points` to be of shape \(any, 2\), but got \(5, 3\)"):
        drawn(np.zeros((5, 3)), LatentPanel("gap", np.zeros(5)))
