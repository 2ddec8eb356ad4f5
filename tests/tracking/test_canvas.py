from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.image import imread
from PIL import Image

from remanence.figures.style import new_figure
from remanence.figures.style_sheet import styled
from remanence.tracking.canvas import Canvas
from remanence.tracking.saved_figure import save_figure


def formula(width=3.5):
    figure, (ax,) = new_figure(width)
    ax.plot([0, 1], [0, 200])
    ax.set(xlabel="$d_{33}$ (pC/N)", ylabel=r"$\varepsilon_\mathrm{r}$")
    return figure


@pytest.fixture
def measured(monkeypatch):
    """Texts whose size was asked of a renderer."""
    texts = []
    measure = RendererAgg.get_text_width_height_descent
    monkeypatch.setattr(
        RendererAgg,
        "get_text_width_height_descent",
        lambda self, text, *rest, **named: texts.append(text) or measure(self, text, *rest, **named),
    )
    return texts


def test_each_text_is_measured_once_for_all_figures_of_a_size(tmp_path, measured):
    with styled(), mpl.rc_context({"font.size": 7.9}):  # a size that no other test has measured
        for number in range(3):
            save_figure(formula(), tmp_path / f"{number}.png")

    assert measured.count("$d_{33}$ (pC/N)") == 1
    assert max(map(measured.count, measured)) == 1 + (measured.count("0.0") > 1)  # the ticks of both axes


def test_other_letters_are_measured_again(tmp_path):
    """Family and formulas are resolved by the settings, which are no part of a text's properties."""
    plain = {"font.sans-serif": ["DejaVu Sans"]}
    settings = [plain, {"font.sans-serif": ["DejaVu Sans Mono"]}, {"mathtext.fontset": "stix"}]
    for number, changed in enumerate([*settings, plain]):
        with styled(), mpl.rc_context(changed):
            formula().savefig(tmp_path / "stock.png")
            save_figure(formula(), tmp_path / f"{number}.png")
            assert np.array_equal(imread(tmp_path / f"{number}.png"), imread(tmp_path / "stock.png"))

    assert (tmp_path / "0.png").read_bytes() == (tmp_path / "3.png").read_bytes()
    assert not np.array_equal(imread(tmp_path / "0.png"), imread(tmp_path / "1.png"))


def test_nothing_of_one_figure_is_left_in_the_next(tmp_path):
    dark, plain = formula(), formula()
    dark.set_facecolor("black")
    plain.patch.set_visible(False)  # what lies below would be seen
    formula_alone = formula()
    formula_alone.patch.set_visible(False)
    formula_alone.savefig(tmp_path / "stock.png")

    save_figure(dark, tmp_path / "dark.png")
    save_figure(plain, tmp_path / "plain.png")

    assert np.array_equal(imread(tmp_path / "plain.png"), imread(tmp_path / "stock.png"))


@pytest.mark.parametrize("settings", [{"savefig.bbox": "tight"}, {"savefig.transparent": True}, {"figure.dpi": 120}])
def test_settings_of_a_sheet_count(settings, tmp_path):
    with styled(), mpl.rc_context(settings):
        formula().savefig(tmp_path / "stock.png")
        save_figure(formula(), tmp_path / "ours.png")

    assert np.array_equal(imread(tmp_path / "ours.png"), imread(tmp_path / "stock.png"))
    with Image.open(tmp_path / "ours.png") as ours, Image.open(tmp_path / "stock.png") as stock:
        assert ours.info["dpi"] == stock.info["dpi"]


def test_large_figures_and_other_threads_have_renderers_of_their_own():
    with styled():
        large = formula()
        large.set_size_inches(7.2, 9)
        canvases = Canvas(large), Canvas(formula())
        first, small = (canvas.get_renderer() for canvas in canvases)

        assert canvases[0].get_renderer() is first
        assert Canvas(large).get_renderer() is not first
        assert Canvas(formula()).get_renderer() is small
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(Canvas(formula()).get_renderer).result() is not small
