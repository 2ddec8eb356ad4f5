import numpy as np
import pytest

from remanence.figures.spectra.curves import channels_of, draw_spectra, in_lines
from remanence.figures.style import name_of, new_figure

pytestmark = pytest.mark.filterwarnings("error")


def test_small_values_get_their_power_of_ten_in_the_label():
    (channel,) = channels_of(["piezoresponse (arb. units)"], np.array([[-2.5e-4], [1e-4]]))

    assert channel.label == "piezoresponse (10⁻⁴ arb. units)"
    assert channel.factor == pytest.approx(1e4)
    assert channel.limits[0] < -2.5 < 1 < channel.limits[1]


def test_values_that_can_be_read_stay_as_they_are():
    (channel,) = channels_of(["resonance frequency (kHz)"], np.array([[1310.0], [1330.0]]))

    assert (channel.label, channel.factor) == ("resonance frequency (kHz)", 1.0)


def test_a_label_without_unit_gets_the_power_alone():
    (channel,) = channels_of(["counts"], np.array([[3e6]]))

    assert channel.label == "counts (10⁶)"


@pytest.mark.parametrize("values", [np.zeros((4, 1)), np.full((4, 1), np.nan)])
def test_channels_without_size_are_drawn(values):
    (channel,) = channels_of(["P (arb. units)"], values)

    low, high = channel.limits
    assert low < high
    assert channel.factor == 1.0


def test_limits_hold_the_spectra_of_all_models():
    (channel,) = channels_of(["f"], np.array([[1.0], [2.0]]), np.array([[-7.0], [np.nan]]))

    assert channel.limits[0] < -7
    assert channel.limits[1] > 2


def test_the_unit_stands_on_a_line_of_its_own():
    assert in_lines("resonance frequency (kHz)", inches=2.0) == "resonance frequency\n(kHz)"
    assert name_of("t") == "t"


def test_every_spectrum_is_a_line_against_the_axis():
    _, (ax,) = new_figure()
    bias, spectra = np.array([1.0, 0.0, -1.0, 0.0]), np.arange(8.0).reshape(2, 4) * 1e-5
    (channel,) = channels_of(["P (V)"], spectra[..., None])

    lines = draw_spectra(ax, bias, spectra, channel, colours=["red", "blue"])

    first, second = lines.get_segments()
    np.testing.assert_allclose(first, np.stack([bias, np.arange(4.0)], axis=1))
    np.testing.assert_allclose(second[:, 1], np.arange(4.0, 8.0))
    assert ax.get_ylim() == channel.limits


def test_a_few_values_far_beyond_set_neither_limits_nor_power_of_ten():
    loops = np.random.default_rng(0).normal(0, 1e-4, size=(30, 64, 1))
    loops[4, 7] = 0.09

    (channel,) = channels_of(["piezoresponse (arb. units)"], loops)

    assert channel.label == "piezoresponse (10⁻⁴ arb. units)"
    assert 2 < channel.limits[1] < 6


def test_without_values_far_beyond_the_limits_hold_all_of_them():
    peaks = np.exp(-((np.arange(100.0) - 50) ** 2) / 200)[None, :, None] * np.array([1, 2, 3])[:, None, None]

    (channel,) = channels_of(["counts"], peaks)

    assert channel.limits[1] >= 3


def test_the_unit_of_one_of_several_loops_stands_behind_all_of_its_name():
    label = "piezoresponse (arb. units), cycle 1, on field"
    (channel,) = channels_of([label], np.array([[1e-5], [2e-5]]))

    assert channel.label == "piezoresponse, cycle 1, on field (10⁻⁵ arb. units)"
    assert in_lines(label, inches=3.0) == "piezoresponse, cycle 1, on field\n(arb. units)"
