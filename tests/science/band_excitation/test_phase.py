import numpy as np
import pytest

from remanence.science.band_excitation.phase import optimum_rotation, piezoresponse

VOLTAGE = np.concatenate((np.linspace(16, -16, 48, endpoint=False), np.linspace(-16, 16, 48, endpoint=False)))
RISING = np.arange(96) >= 48


def loops(pixels, noise=0.0, seed=0):
    random = np.random.default_rng(seed)
    coercive = random.uniform(4, 10, (pixels, 1)) * np.where(RISING, 1, -1)
    return np.tanh((VOLTAGE - coercive) / 2) + noise * random.standard_normal((pixels, 96))


def polar(response):
    return np.abs(response), np.angle(response)


@pytest.mark.parametrize("rotation", np.linspace(-3.1, 3.1, 9))
def test_loops_turned_by_any_angle_are_turned_back_with_their_sign(rotation):
    p = loops(20)
    amplitude, phase = polar(p * np.exp(-1j * rotation))

    found = optimum_rotation(amplitude, phase, VOLTAGE)

    assert np.angle(np.exp(1j * (found - rotation))) == pytest.approx(0, abs=1e-9)
    assert piezoresponse(amplitude, phase, found) == pytest.approx(p)


def test_no_other_angle_leaves_less_in_the_quadrature():
    random = np.random.default_rng(1)
    amplitude, phase = polar(loops(20, noise=0.2) * np.exp(0.8j) + 0.2j * random.standard_normal((20, 96)))
    angles = np.linspace(-np.pi, np.pi, 721)
    energies = [(piezoresponse(amplitude, phase, angle) ** 2).sum() for angle in angles]

    best = (piezoresponse(amplitude, phase, optimum_rotation(amplitude, phase, VOLTAGE)) ** 2).sum()

    assert best >= max(energies)
    assert best == pytest.approx(max(energies), rel=1e-4)


def test_each_pixel_can_have_its_own_rotation():
    rotation = np.random.default_rng(2).uniform(-3, 3, (4, 5))
    p = loops(20).reshape(4, 5, 96)
    amplitude, phase = polar(p * np.exp(-1j * rotation[..., None]))

    found = optimum_rotation(amplitude, phase, VOLTAGE, per_pixel=True)

    assert found.shape == (4, 5)
    assert found == pytest.approx(rotation)
    assert piezoresponse(amplitude, phase, found) == pytest.approx(p)


def test_wrapping_of_the_phase_changes_nothing():
    amplitude, phase = polar(loops(5) * np.exp(3.1j))
    turns = 2 * np.pi * np.random.default_rng(0).integers(-3, 4, phase.shape)

    assert optimum_rotation(amplitude, phase + turns, VOLTAGE) == pytest.approx(
        optimum_rotation(amplitude, phase, VOLTAGE)
    )


def test_the_sign_is_told_by_the_loop_even_where_it_lies_off_zero():
    amplitude, phase = polar((loops(5) - 3) * np.exp(-0.4j))

    assert optimum_rotation(amplitude, phase, VOLTAGE) == pytest.approx(0.4)


def test_missing_steps_are_left_out_and_an_empty_pixel_is_nan():
    amplitude, phase = polar(loops(3) * np.exp(-0.4j))
    amplitude[0, 5], phase[1] = np.nan, np.nan

    assert optimum_rotation(amplitude, phase, VOLTAGE) == pytest.approx(0.4)
    assert optimum_rotation(amplitude, phase, VOLTAGE, per_pixel=True) == pytest.approx([0.4, np.nan, 0.4], nan_ok=True)


@pytest.mark.parametrize(
    ("shape", "voltage", "message"),
    [((2, 96), VOLTAGE[:-1], "95 steps"), ((2, 95), VOLTAGE, "96 steps"), ((2, 96), np.abs(VOLTAGE), "both signs")],
)
def test_arguments_that_do_not_fit_together_are_refused(shape, voltage, message):
    with pytest.raises(ValueError, match=message):
        optimum_rotation(np.ones(shape), np.ones(shape), voltage)
