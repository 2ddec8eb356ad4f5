import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from remanence.figures.style import legend_below, new_figure, new_panels
from remanence.figures.style_sheet import styled
from remanence.tracking.saved_figure import save_figure


def panels() -> Figure:
    figure, axes = new_panels(5, title="a title that is long enough to be broken into several lines of the figure")
    for number, ax in enumerate(axes):
        ax.plot([0, 10 ** (3 * number)], [0, 1], label=f"curve {number}")
        ax.set_xlabel("voltage (V)")
    legend_below(figure, axes)
    return figure


def image_with_scale() -> Figure:
    figure, [ax] = new_figure()
    figure.colorbar(ax.imshow(np.arange(12).reshape(3, 4)), ax=ax, label="amplitude (pm)")
    return figure


def logarithmic() -> Figure:
    figure, [ax] = new_figure()
    ax.semilogy([1, 2, 3], [1e-3, 20, 4e4])
    ax.set_title("loss")
    return figure


def compressed() -> Figure:
    figure, axes = new_figure(columns=2)
    figure.set_layout_engine("compressed")
    for ax in axes:
        ax.set(aspect="equal", xlim=(0, 1), ylim=(0, 3))
    figure.supylabel("predicted")
    return figure


def without_room() -> Figure:
    figure, [ax] = new_figure(width=0.2, height=0.2)
    ax.set(xlabel="voltage (V)", title="response")
    return figure


def without_axes() -> Figure:
    return Figure(figsize=(2, 2), layout="constrained")


@pytest.mark.parametrize("draw", [panels, image_with_scale, logarithmic, compressed, without_room, without_axes])
def test_the_file_is_the_one_that_matplotlib_writes(draw, tmp_path):
    draw().savefig(tmp_path / "stock.png")

    save_figure(draw(), tmp_path / "ours.png")

    assert np.array_equal(imread(tmp_path / "ours.png"), imread(tmp_path / "stock.png"))


def test_a_figure_is_drawn_once_and_keeps_its_layout_engine(tmp_path, monkeypatch):
    drawn = []
    figure = logarithmic()
    engine = figure.get_layout_engine()
    monkeypatch.setattr(Figure, "draw", lambda self, renderer, draw=Figure.draw: drawn.append(draw(self, renderer)))

    save_figure(figure, tmp_path / "figure.png")

    assert len(drawn) == 1
    assert figure.get_layout_engine() is engine


@pytest.mark.parametrize("ending", ["pdf", "svg"])
def test_the_same_figure_is_the_same_file(ending, tmp_path):
    with styled():
        for name in ("first", "second"):
            save_figure(panels(), tmp_path / f"{name}.{ending}")

    first = (tmp_path / f"first.{ending}").read_bytes()
    assert first == (tmp_path / f"second.{ending}").read_bytes()
    assert b"CreationDate" not in first
    assert ending != "pdf" or (b"/FontFile2" in first and b"/Type3" not in first)  # TrueType, embedded
