import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

from remanence.errors import ConfigurationError
from remanence.figures.parity import plot_parity
from remanence.figures.style import COLOURS, PALETTE, new_figure
from remanence.figures.style_sheet import HOUSE, check_style, styled


def test_the_colours_of_pages_are_those_of_the_sheet():
    assert tuple(map(to_hex, COLOURS)) == PALETTE


def test_the_house_draws_alike_whatever_the_settings_outside_are():
    with mpl.rc_context({"font.size": 30, "axes.spines.top": True, "lines.linewidth": 9}):
        with styled():
            assert (mpl.rcParams["font.size"], mpl.rcParams["lines.linewidth"]) == (8, 1.2)
            assert not mpl.rcParams["axes.spines.top"]
        assert mpl.rcParams["font.size"] == 30


def test_a_sheet_of_the_user_replaces_what_it_sets(tmp_path):
    (tmp_path / "my.mplstyle").write_text(
        'font.size: 12\naxes.spines.top: True\naxes.prop_cycle: cycler(color=["000000", "ff8800"])\n'
    )

    with styled(str(tmp_path / "my.mplstyle")):
        figure, ax = plot_parity({"test": [1.0, 2.0]}, {"test": [1.1, 2.1]}, label="d33 (pC/N)", title="mine")
        (points,) = [each for each in ax.collections if each.get_label().startswith("test")]

        assert to_hex(points.get_facecolor()[0]) == "#ff8800"
        assert ax.title.get_fontsize() == 12
        assert ax.spines["top"].get_visible()
        assert figure.get_dpi() == 300  # not in the user's sheet


def test_the_house_is_a_style_of_matplotlib():
    with mpl.style.context("remanence.figures.house"):
        assert mpl.rcParams["pdf.fonttype"] == 42
    check_style("figure_style", str(HOUSE))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("font.size: 8\nfont.size\n", "missing colon in file '{path}', line 2 ('font.size')"),
        ("# mine\nfont.size: large\n", "bad value in file '{path}', line 2 ('font.size: large'): Key font.size:"),
        ("font.sizes: 8\n", "bad key font.sizes in file {path}, line 1 ('font.sizes: 8')"),
        ("font.size: 8\nfont.size: 9\n", "duplicate key in file '{path}', line 2 ('font.size: 9')"),
        ("backend: pdf\n", "{path}: Style includes a parameter, 'backend', that is not related to style."),
        ("interactive: True\n", "{path}: Style includes a parameter, 'interactive', that is not related to style."),
    ],
)
def test_a_wrong_line_of_a_sheet_is_told_with_its_number(text, told, tmp_path, caplog):
    path = tmp_path / "my.mplstyle"
    path.write_text(text)

    with pytest.raises(ConfigurationError) as error:
        check_style("figure_style", str(path))

    assert str(error.value).startswith(f"figure_style: {told.format(path=path)}")
    assert "\n" not in str(error.value)
    assert not caplog.records


def test_a_sheet_that_is_not_there_or_no_text_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"figure_style: nowhere\.mplstyle: no such file"):
        check_style("figure_style", "nowhere.mplstyle")
    (tmp_path / "a.mplstyle").write_bytes(b"font.size: 8 \xff\n")
    with pytest.raises(ConfigurationError, match=r"figure_style: .*a\.mplstyle: .*utf-8"):
        check_style("figure_style", str(tmp_path / "a.mplstyle"))


@pytest.mark.parametrize(("wanted", "drawn"), [((4.2, 1), 3.5), ((1.9, 3), 5.5), ((1.9, 4), 7.2), ((1.5, 6), 9.0)])
def test_figures_are_as_wide_as_the_columns_of_journals(wanted, drawn):
    width, columns = wanted

    assert new_figure(width, 2.0, columns=columns)[0].get_figwidth() == drawn
