import numpy as np
import pytest

from remanence.figures.campaign import plot_campaign


def drawn(series, amount):
    series, amount = np.array(series), np.array(amount, dtype=float)
    lph_slope = 20 + 100 * amount
    quantities = lph_slope, 420 + 24 * lph_slope, 2 * lph_slope
    figure, axes = plot_campaign(series, amount, *quantities, title="campaign (synthetic data)")
    figure.draw_without_rendering()
    return figure, axes


def points(ax):
    return ax.containers[0].lines[0].get_xydata()


def test_quantities_are_rows_and_series_are_columns():
    _, axes = drawn(["Bi", "NS", "QS", "Sr", "NS"], [0.01, 0.02, 0.02, 0.005, 0.06])

    assert [ax.get_title() for ax in axes[:4]] == ["NS", "QS", "Sr", "Bi"]
    assert [ax.get_ylabel() for ax in axes[::4]] == [
        "LPHslope (1/ln Hz)",
        r"$\varepsilon_\mathrm{r}$ at 1 kHz",
        "$d_{33}$ (pC/N)",
    ]
    assert [ax.get_xlabel() for ax in axes[8:]] == [
        "BaTiO$_3$ fraction $x$",
        "BaTiO$_3$ fraction $x$",
        "Sr excess (mol fraction)",
        "Bi excess (mol fraction)",
    ]
    for row in range(0, 12, 4):
        assert len({ax.get_ylim() for ax in axes[row : row + 4]}) == 1


def test_single_ceramics_are_joined_by_amount():
    figure, axes = drawn(["NS"] * 3, [0.1, 0.02, 0.06])

    np.testing.assert_allclose(points(axes[0]), [[0.02, 22], [0.06, 26], [0.1, 30]])
    assert not figure.legends


def test_replicates_are_points_with_mean_and_standard_deviation():
    series, amount = np.array(["NS"] * 4), np.array([0.02, 0.02, 0.06, 0.06])
    values = np.array([10.0, 14.0, 20.0, 20.0])

    figure, axes = plot_campaign(series, amount, values, values, values, title="campaign")

    np.testing.assert_allclose(points(axes[0]), [[0.02, 12], [0.06, 20]])
    bars = axes[0].containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose([upper[1] - lower[1] for lower, upper in bars], [2 * np.sqrt(8), 0])
    assert len(axes[0].collections[0].get_offsets()) == 4
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "mean ± sd of n = 2 ceramics; lines guide the eye",
        "single ceramics",
    ]


def test_a_series_of_another_name_is_drawn_last():
    _, axes = drawn(["a rather long name of a series of ceramics", "Sr"], [0.1, 0.02])

    assert axes[0].get_title() == "Sr"
    assert len(axes[1].get_title()) <= 24
    assert axes[-1].get_xlabel() == "amount"


@pytest.mark.parametrize("samples", [1, 200])
def test_any_number_of_samples_is_drawn(samples):
    _, axes = drawn(["NS"] * samples, np.linspace(0.02, 0.25, samples))

    assert [len(points(ax)) for ax in axes] == [samples] * 3


def test_values_that_are_missing_are_left_out():
    series, amount, values = np.array(["NS"] * 3), np.array([0.02, 0.06, 0.1]), np.array([10.0, np.nan, 12.0])

    figure, axes = plot_campaign(series, amount, values, values * np.nan, values, title="campaign")
    figure.draw_without_rendering()

    assert [len(points(ax)) for ax in axes] == [2, 0, 2]
