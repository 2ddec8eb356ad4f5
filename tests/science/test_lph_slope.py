import numpy as np
import pytest
from scipy.stats import linregress

from remanence.science.lph_slope import fit_lph_slope

FREQUENCY = np.geomspace(1e3, 1e6, 13)  # Hz


def noisy_spectra(spectra, frequency=FREQUENCY, noise=20.0, seed=0):
    random = np.random.default_rng(seed)
    slope = random.uniform(16, 50, (spectra, 1))
    line = random.uniform(900, 1700, (spectra, 1)) - slope * np.log(frequency / frequency.min())
    return line + noise * random.standard_normal(line.shape)


@pytest.mark.parametrize("frequency", [FREQUENCY, np.array([10.0, 1e3, 1e7]), np.linspace(1e3, 1e6, 101)])
@pytest.mark.parametrize("noise", [5.0, 20.0, 300.0])  # below, scipy loses digits of the error in 1 - r²
def test_every_field_is_that_of_scipy(frequency, noise):
    spectra = noisy_spectra(5, frequency, noise)

    fit = fit_lph_slope(frequency, spectra)

    for index, spectrum in enumerate(spectra):
        expected = linregress(np.log(frequency / frequency.min()), spectrum)
        assert fit.lph_slope[index] == pytest.approx(-expected.slope, rel=1e-9)
        assert fit.standard_error[index] == pytest.approx(expected.stderr, rel=1e-9)
        assert fit.intercept[index] == pytest.approx(expected.intercept, rel=1e-9)
        assert fit.r2[index] == pytest.approx(expected.rvalue**2, rel=1e-9, abs=1e-12)


def test_the_slope_is_positive_where_permittivity_falls_and_negative_where_it_rises():
    fall = 40 * np.log(FREQUENCY / 1e3)

    assert fit_lph_slope(FREQUENCY, [1500 - fall, 1500 + fall]).lph_slope == pytest.approx([40, -40])


@pytest.mark.parametrize("spectra", [1, 2, 21])
def test_a_batch_gives_one_value_per_spectrum_and_those_of_the_spectra_alone(spectra):
    permittivity = noisy_spectra(spectra)

    fit = fit_lph_slope(FREQUENCY, permittivity)

    for name in ("lph_slope", "standard_error", "intercept", "r2"):
        batch = getattr(fit, name)
        assert batch.shape == (spectra,)
        alone = [getattr(fit_lph_slope(FREQUENCY, spectrum), name) for spectrum in permittivity]
        assert batch == pytest.approx(np.concatenate(alone))


def test_the_order_of_the_frequencies_does_not_matter():
    permittivity = noisy_spectra(1)[0]
    shuffled = np.random.default_rng(1).permutation(FREQUENCY.size)

    fit = fit_lph_slope(FREQUENCY[shuffled], permittivity[shuffled])

    ordered = fit_lph_slope(FREQUENCY, permittivity)
    assert fit.reference_frequency == ordered.reference_frequency == 1e3
    assert fit.lph_slope == pytest.approx(ordered.lph_slope)
    assert fit.intercept == pytest.approx(ordered.intercept)


def test_a_flat_spectrum_has_slope_zero_and_is_explained_whole():
    fit = fit_lph_slope(FREQUENCY, np.full(FREQUENCY.size, 1500.0))

    assert fit.lph_slope == pytest.approx([0])
    assert fit.standard_error == pytest.approx([0])
    assert fit.r2 == pytest.approx([1])


@pytest.mark.parametrize(
    ("frequency", "permittivity", "message"),
    [
        ([1e3, 1e4, 1e5], [1.0, 2.0], "`permittivity` with 3 points"),
        ([1e3, 1e4, 1e5], np.ones((2, 4)), r"got shape \(2, 4\)"),
        ([[1e3, 1e4, 1e5]], np.ones((1, 3)), "`permittivity`"),
        ([1e3, 1e4], [1.0, 2.0], "three distinct positive"),
        ([1e3, 1e3, 1e4], [1.0, 2.0, 3.0], "three distinct positive"),
        ([0.0, 1e3, 1e4], [1.0, 2.0, 3.0], "three distinct positive"),
        ([-1e3, 1e3, 1e4], [1.0, 2.0, 3.0], "three distinct positive"),
        ([1e3, 1e4, np.nan], [1.0, 2.0, 3.0], "three distinct positive"),
    ],
)
def test_arguments_that_make_no_line_are_refused(frequency, permittivity, message):
    with pytest.raises(ValueError, match=message):
        fit_lph_slope(frequency, permittivity)
