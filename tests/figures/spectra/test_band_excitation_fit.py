import numpy as np
import pytest

from remanence.figures.spectra.band_excitation_fit import plot_band_excitation_fit
from remanence.figures.spectra.bias_waveform import plot_bias_waveform
from remanence.figures.spectra.sho_maps import plot_sho_maps

pytestmark = pytest.mark.filterwarnings("error")

FREQUENCY = np.linspace(1280, 1360, 74)


def oscillator(amplitude=2e-4, resonance=1320.0, quality=65.0, phase=0.6):
    response = resonance**2 / (FREQUENCY**2 - resonance**2 - 1j * FREQUENCY * resonance / quality)
    return amplitude * np.exp(1j * phase) * response


def fitted(response, fit, **arguments):
    figure, axes = plot_band_excitation_fit(FREQUENCY, response, fit, title="pixel 12, step 30", **arguments)
    figure.draw_without_rendering()
    return axes


def test_amplitude_and_phase_are_drawn_with_the_fit():
    fit = oscillator()
    random = np.random.default_rng(0)

    axes = fitted(fit + 1e-4 * random.normal(size=74), fit, note="R² 0.97")

    assert [ax.get_ylabel() for ax in axes] == ["amplitude (arb. units)", "phase (rad)"]
    assert {ax.get_xlabel() for ax in axes} == {"frequency (kHz)"}
    np.testing.assert_allclose(axes[0].lines[1].get_ydata(), np.abs(fit))
    assert [text.get_text() for text in axes[0].texts] == ["R² 0.97"]


@pytest.mark.parametrize("phase", np.linspace(-3, 3, 7))
def test_the_phase_never_jumps_in_its_middle(phase):
    fit = oscillator(phase=phase)

    _, ax = fitted(fit, fit)

    drawn = ax.lines[1].get_ydata()
    assert np.abs(np.diff(drawn)).max() < 0.5
    np.testing.assert_allclose(np.exp(1j * drawn), fit / np.abs(fit))


def test_a_response_without_finite_values_is_drawn():
    fitted(np.full(74, np.nan + 0j), np.full(74, np.nan + 0j))


def test_the_bias_is_a_staircase():
    bias = np.array([0.0, 5.0, 0.0, -5.0])

    figure, ax = plot_bias_waveform(bias, title="bias")
    figure.draw_without_rendering()

    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "DC bias (V)")
    (staircase,) = ax.lines[1:]
    np.testing.assert_array_equal(staircase.get_ydata(), bias)


def test_the_real_bias_is_drawn(shared_data):
    figure, ax = plot_bias_waveform(np.load(shared_data / "beps" / "voltage.npy")[:, 0], title="second cycle")
    figure.draw_without_rendering()

    assert ax.get_ylim()[1] > 16


def test_the_four_parameters_are_maps_with_their_own_scales():
    random = np.random.default_rng(0)
    amplitude, quality = random.uniform(1e-5, 9e-5, (6, 9)), random.uniform(50, 80, (6, 9))
    quality[2, 2] = np.nan

    figure, axes = plot_sho_maps(
        amplitude, random.uniform(-3, 3, (6, 9)), random.uniform(1310, 1330, (6, 9)), quality, title="9.3 V", side=2.0
    )
    figure.draw_without_rendering()

    bars = [ax.get_ylabel() for ax in figure.axes[4:]]
    assert bars == ["amplitude\n(10⁻⁵ arb. units)", "phase\n(rad)", "resonance frequency\n(kHz)", "quality factor"]
    assert axes[1].images[0].get_clim() == (-np.pi, np.pi)
    assert axes[1].images[0].get_cmap().name == "twilight"
    assert axes[3].images[0].get_array().mask[2, 2]
    assert len(axes[0].artists) == 1


def test_real_fits_are_drawn(shared_data):
    fits = np.load(shared_data / "be" / "ckpfm_loops_10x10.npz")["Nd_mat"][:, :, 0, 5, 2]
    names = ("Amplitude [V]", "Phase [rad]", "Frequency [Hz]", "Quality Factor")

    figure, axes = plot_sho_maps(*(fits[name].astype(np.float64) for name in names), title="cKPFM")
    figure.draw_without_rendering()

    assert len(axes) == 4
