import math

import numpy as np
import pytest
import torch

from remanence.science.band_excitation.phase_sense import phase_sense
from remanence.science.band_excitation.sho import sho_response

FREQUENCY = torch.linspace(315e3, 385e3, 74, dtype=torch.float64)  # Hz


def scan(spectra, noise, seed=0):
    """Simulate spectra (spectra, bins); the noise is relative to the response at resonance."""
    random = np.random.default_rng(seed)
    low, high = [0.5, 325e3, 40, -math.pi], [1.5, 375e3, 250, math.pi]
    parameters = random.uniform(low, high, (spectra, 4))
    clean = sho_response(torch.from_numpy(parameters), FREQUENCY).numpy()
    return clean + noise * (parameters[:, :1] * parameters[:, 2:3]) * complex_noise(random, clean.shape)


def complex_noise(random, shape):
    return (random.normal(size=shape) + 1j * random.normal(size=shape)) / math.sqrt(2)


@pytest.mark.parametrize("noise", [0, 0.05, 0.3])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_the_sense_that_the_spectra_have_is_found(noise, dtype):
    spectra = scan(300, noise).astype(dtype)

    as_is, opposite = phase_sense(spectra, FREQUENCY), phase_sense(spectra.conj(), FREQUENCY)

    assert (as_is.conjugate, as_is.clear) == (False, True)
    assert (opposite.conjugate, opposite.clear) == (True, True)
    assert opposite.conjugate_r2 == pytest.approx(as_is.r2, abs=1e-6)
    assert as_is.r2 > as_is.conjugate_r2 + 0.1


def test_a_crosstalk_of_the_drive_changes_nothing():
    spectra = scan(300, 0.05) + 5 * np.exp(0.7j)

    assert not phase_sense(spectra, FREQUENCY).conjugate
    assert phase_sense(spectra.conj(), FREQUENCY).conjugate


@pytest.mark.parametrize("bins", [8, 16, 74])
def test_noise_has_no_sense(bins):
    for seed in range(5):
        sense = phase_sense(complex_noise(np.random.default_rng(seed), (300, bins)), FREQUENCY[:bins])

        assert not sense.clear
        assert not sense.conjugate


def test_what_is_not_finite_does_not_count_and_few_spectra_do_not_decide():
    spectra = scan(20, 0.05).conj()
    spectra[:13, 5] = np.nan

    sense = phase_sense(spectra, FREQUENCY)

    assert (sense.counted, sense.agreeing, sense.clear, sense.conjugate) == (7, 1.0, False, False)
    assert phase_sense(scan(8, 0.05).conj(), FREQUENCY).conjugate


@pytest.mark.parametrize(
    "empty", [np.zeros((0, 74), complex), np.zeros((3, 74), complex), np.full((3, 74), np.nan + 0j)]
)
def test_spectra_without_a_signal_decide_nothing(empty):
    sense = phase_sense(empty, FREQUENCY)

    assert (sense.counted, sense.clear, sense.conjugate) == (0, False, False)
    assert np.isnan([sense.agreeing, sense.r2, sense.conjugate_r2]).all()


def test_senses_that_are_mixed_are_not_clear():
    spectra = scan(100, 0.05)
    spectra[::2] = spectra[::2].conj()

    assert phase_sense(spectra, FREQUENCY).agreeing == pytest.approx(0.5, abs=0.02)
    assert not phase_sense(spectra, FREQUENCY).clear
