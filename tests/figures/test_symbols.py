import pytest

from remanence.figures.style import legend_below, new_figure, shortened, wrapped
from remanence.figures.symbols import SYMBOLS, symbol, visible


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("d33 (pC/N)", "$d_{33}$ (pC/N)"),
        ("g_33", "$g_{33}$"),
        ("eps_r", r"$\varepsilon_\mathrm{r}$"),
        ("T_C (°C), measured", r"$T_\mathrm{C}$ (°C), measured"),
        ("k_p (%)", r"$k_\mathrm{p}$ (%)"),
        ("tan_delta", r"$\tan\delta$"),
    ],
)
def test_known_quantities_have_the_symbols_of_papers(label, shown):
    assert symbol(label) == shown


@pytest.mark.parametrize("label", ["lph_slope (1/ln Hz)", "d50 (µm)", "Tc", "Pr", "x", "d33_mean", "1 % BT^2 {a}", ""])
def test_other_names_and_names_of_elements_stay_as_they_are(label):
    assert symbol(label) == label


NAMES = ["cost ($) in $", "$x_", "a$b$c", "100 %_^{}", "\\alpha", "$$", "d33 ($/N)", *SYMBOLS]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_column_can_be_drawn(name):
    figure, (ax,) = new_figure()
    ax.plot([0, 1], label=shortened(name))
    ax.set_xlabel(wrapped(f"measured {symbol(name)}", inches=1.0))
    legend_below(figure, [ax])

    figure.draw_without_rendering()


def test_lines_are_broken_beside_formulas_and_never_inside():
    label = symbol("eps_r")

    assert wrapped(f"permittivity {label} measured", inches=1.0) == f"permittivity {label}\nmeasured"
    assert visible(f"{label} {symbol('d33')}") == "xr d33"
