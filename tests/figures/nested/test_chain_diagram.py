import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from remanence.figures.nested.chain_diagram import plot_chain
from remanence.figures.nested.chain_layout import ScaleBox, place, slots_of

IONS = ScaleBox("ions", rows=358, inputs=15, latent_dim=11, heads=("gap (eV)",))
SOLVENT = ScaleBox("solvent", rows=240, inputs=7, latent_dim=1, heads=("binding energy (kJ/mol)",), parents=("ions",))
LAYERS = ScaleBox("layers", rows=1, inputs=2, latent_dim=4)
DEVICE = ScaleBox(
    "device", rows=2018, inputs=0, latent_dim=3, heads=("PCE (%)",), parents=("ions", "solvent", "layers")
)


def drawn(*scales, title="chain"):
    figure, ax = plot_chain(scales, title=title)
    figure.draw_without_rendering()
    return figure, ax


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def shaft_of(arrow):
    """Return the vertices of an arrow without its head, shape (vertices, 2)."""
    path = arrow.get_path()
    starts = np.flatnonzero(path.codes == path.MOVETO)
    return path.vertices[: starts[1]]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_box_says_what_goes_in_and_out():
    _, ax = drawn(IONS, SOLVENT)

    assert texts(ax) == [
        *["ions", "358 rows", "15 inputs", "encoded into 11 latents", "→ gap (eV)"],
        *["solvent", "240 rows", "7 inputs + 11 latents", "encoded into 1 latent", "→ binding energy (kJ/mol)"],
    ]


def test_latents_of_all_parents_go_in():
    _, ax = drawn(DEVICE, SOLVENT, LAYERS, IONS)

    assert "16 latents" in texts(ax)
    assert "1 row" in texts(ax)
    assert len(boxes(ax)) == 4
    assert len(arrows(ax)) == 4


def test_scales_stand_from_fine_to_coarse_in_any_order_of_the_mapping():
    place(levels := slots_of([DEVICE, SOLVENT, LAYERS, IONS]), width=1.5, height=1.0)

    names = [{slot.scale.name for slot in level if slot.scale} for level in levels]
    assert names == [{"ions", "layers"}, {"solvent"}, {"device"}]
    assert [level[0].x for level in levels] == [0.75, 2.75, 4.75]


@pytest.mark.parametrize("scales", [(IONS,), (IONS, SOLVENT), (DEVICE, SOLVENT, LAYERS, IONS)])
def test_text_stays_inside_its_box_and_boxes_apart(scales):
    figure, ax = drawn(*scales)

    extents = [box.get_window_extent() for box in boxes(ax)]
    for k, extent in enumerate(extents):
        assert not any(extent.overlaps(other) for other in extents[k + 1 :])
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.width
    for text in ax.texts:
        inner = text.get_window_extent()
        assert any(e.x0 < inner.x0 and inner.x1 < e.x1 and e.y0 < inner.y0 and inner.y1 < e.y1 for e in extents)


def test_an_arrow_past_a_level_crosses_no_box():
    _, ax = drawn(DEVICE, SOLVENT, LAYERS, IONS)

    middle = next(box for box in boxes(ax) if abs(box.get_x() + box.get_width() / 2 - ax.get_xlim()[1] / 2) < 0.3)
    low, high = middle.get_y(), middle.get_y() + middle.get_height()
    centre = middle.get_x() + middle.get_width() / 2
    passing = [shaft for shaft in map(shaft_of, arrows(ax)) if np.ptp(shaft[:, 0]) > 2]
    assert len(passing) == 2
    for path in passing:
        height = np.interp(centre, path[:, 0], path[:, 1])
        assert not low <= height <= high


def test_many_heads_are_counted():
    _, ax = drawn(ScaleBox("ions", 1, 1, 1, heads=[f"y{k}" for k in range(9)]))

    assert texts(ax)[-5:] == ["→ y0", "→ y1", "→ y2", "→ y3", "→ 5 more"]


def test_a_long_chain_makes_the_figure_wider():
    chain = [ScaleBox(f"scale {k}", 10, 3, 2, parents=[f"scale {k - 1}"] if k else []) for k in range(5)]

    long, _ = drawn(*chain)
    short, _ = drawn(*chain[:2])

    assert long.get_figwidth() > short.get_figwidth() + 4


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ([], "scales of different names"),
        ([IONS, IONS], "scales of different names"),
        ([SOLVENT], r"parents of the scale 'solvent' among \['solvent'\], but got \['ions'\]"),
        ([ScaleBox("a", 1, 1, 1, parents=["b"]), ScaleBox("b", 1, 1, 1, parents=["a"])], "without a cycle"),
    ],
)
def test_what_is_no_tree_of_scales_is_refused(scales, message):
    with pytest.raises(ValueError, match=message):
        plot_chain(scales, title="chain")
