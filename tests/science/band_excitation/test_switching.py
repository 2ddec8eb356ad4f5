import numpy as np
import pytest

from remanence.science.band_excitation.switching import FACTORS, switching_loops, triangular_bias

VOLTAGE = triangular_bias(96)
RISING = np.arange(96) >= 48
PLAIN = {
    "amplitude": 1e-4,
    "tilt": 0.0,
    "two_step": 0.0,
    "charged_wall": 0.0,
    "coercive_bias": 8.0,
    "imprint": 0.0,
    "resonance_frequency": 1325.0,
}


def pixel(field="off", voltage=VOLTAGE, **changed):
    return switching_loops([list({**PLAIN, **changed}.values())], voltage, field=field)


def hardening(loops, branch):
    """Largest rise of the resonance over that of the plain loop."""
    return (loops.resonance_frequency - pixel().resonance_frequency)[0, branch].max()


def crossings(loops):
    """Bias at which each branch crosses zero."""
    response = loops.piezoresponse[0]
    falling = np.interp(0, -response[:49], VOLTAGE[:49])
    rising = np.interp(0, response[48:], VOLTAGE[48:])
    return falling, rising


def test_the_plain_factors_are_all_the_factors():
    assert list(PLAIN) == list(FACTORS)
    for name, factor in FACTORS.items():
        assert factor.low <= PLAIN[name] <= factor.high


def test_the_bias_is_that_of_the_published_loops(shared_data):
    measured = np.load(shared_data / "beps" / "voltage.npy")[:, 0]

    np.testing.assert_allclose(VOLTAGE, measured, atol=1e-9)


def test_a_square_loop_switches_at_its_coercive_biases():
    falling, rising = crossings(pixel(coercive_bias=7.0))

    assert falling == pytest.approx(-7, abs=0.1)
    assert rising == pytest.approx(7, abs=0.1)


def test_imprint_shifts_both_branches():
    assert np.allclose(np.array(crossings(pixel(imprint=1.0))) - crossings(pixel()), 1.0, atol=0.1)


def test_the_loop_closes_at_both_ends_whatever_the_factors():
    rng = np.random.default_rng(0)
    low, high = (np.array([getattr(factor, end) for factor in FACTORS.values()]) for end in ("low", "high"))
    loops = switching_loops(rng.uniform(low, high, (200, 7)), np.concatenate([VOLTAGE, VOLTAGE]))

    for values in (loops.piezoresponse, loops.resonance_frequency, loops.quality_factor):
        np.testing.assert_allclose(values[:, :96], values[:, 96:])
    amplitude = np.abs(loops.piezoresponse[:, [0, 48]]) / loops.piezoresponse[:, [0]]
    np.testing.assert_allclose(amplitude, 1, rtol=1e-9)


def test_tilt_broadens_the_loop_and_weakens_its_softening():
    square, tilted = pixel(), pixel(tilt=1.0)

    def area(loops):
        return -np.sum(loops.piezoresponse[0] * np.gradient(VOLTAGE))

    assert tilted.piezoresponse[0, 24] < 0.8 * square.piezoresponse[0, 24]  # remanence
    assert area(tilted) < area(square)
    assert tilted.resonance_frequency.min() > square.resonance_frequency.min() + 0.5


def test_moving_walls_soften_the_contact_and_lower_the_quality_factor_at_both_coercive_biases():
    loops = pixel()

    for branch in (RISING, ~RISING):
        softest = np.argmin(np.where(branch, loops.resonance_frequency[0], np.inf))
        assert abs(VOLTAGE[softest]) == pytest.approx(8, abs=1)
        assert loops.quality_factor[0, softest] < 0.85 * loops.quality_factor[0, 0]


def test_two_steps_leave_a_plateau_and_harden_on_both_signs_of_the_bias():
    loops = pixel(two_step=1.0)
    slope = np.abs(np.gradient(loops.piezoresponse[0], VOLTAGE))

    for branch, sign in ((RISING, 1), (~RISING, -1)):
        first, between, second = (
            np.argmin(np.where(branch, np.abs(VOLTAGE - sign * bias), np.inf)) for bias in (4, 8, 12)
        )
        assert slope[between] < 0.5 * min(slope[first], slope[second])
        assert abs(loops.piezoresponse[0, between]) < 0.1e-4
        assert hardening(loops, branch) > 3


def test_charged_walls_harden_on_positive_bias_only():
    loops = pixel(charged_wall=1.0)

    assert hardening(loops, RISING) > 3
    assert hardening(loops, ~RISING) == pytest.approx(0, abs=1e-9)
    np.testing.assert_array_equal(loops.piezoresponse[:, ~RISING], pixel().piezoresponse[:, ~RISING])


def test_every_factor_changes_the_loops_smoothly():
    plain = {**PLAIN, "tilt": 0.3, "two_step": 0.3, "charged_wall": 0.3}
    before = switching_loops([list(plain.values())], VOLTAGE)
    for name, factor in FACTORS.items():
        step = 1e-3 * (factor.high - factor.low)
        after = switching_loops([list({**plain, name: plain[name] + step}.values())], VOLTAGE)
        change = np.abs(after.piezoresponse - before.piezoresponse).max() / 1e-4
        change += np.abs(after.resonance_frequency - before.resonance_frequency).max()
        assert 1e-5 < change < 0.1, name


def test_the_field_adds_an_electrostatic_force_in_proportion_to_the_bias():
    difference = (pixel("on").piezoresponse - pixel("off").piezoresponse)[0]

    np.testing.assert_allclose(difference / difference[0], VOLTAGE / VOLTAGE[0], atol=1e-9)
    assert 0 < difference[0] < 1e-4


def test_amplitude_and_phase_give_the_signed_response_back():
    loops = pixel(tilt=0.5)

    np.testing.assert_allclose(loops.amplitude * np.cos(loops.phase(0.6) - 0.6), loops.piezoresponse, rtol=1e-9)


def test_a_bias_that_rests_stays_on_its_branch():
    rested = np.repeat(VOLTAGE, 2)

    np.testing.assert_allclose(pixel(voltage=rested).piezoresponse[:, ::2], pixel().piezoresponse)


def test_the_loops_span_what_was_measured(shared_data):
    folder = shared_data / "beps"
    piezoresponse = np.load(folder / "pizoresponse.npy")[..., 0] * 7.859902800847493e-05 - 1.0487273116670697e-05
    low, high = np.percentile(np.ptp(piezoresponse, axis=1) / 2, [1, 99])

    assert FACTORS["amplitude"].low < low < high < FACTORS["amplitude"].high
    simulated = pixel(tilt=0.3).piezoresponse[0]
    assert np.corrcoef(simulated, piezoresponse.mean(axis=0))[0, 1] > 0.98


@pytest.mark.parametrize(
    ("factors", "voltage", "reason"),
    [
        (np.zeros((2, 3)), VOLTAGE, "shape"),
        (np.zeros(7), VOLTAGE, "shape"),
        (np.zeros((2, 7)), np.zeros(5), "waveform"),
        (np.zeros((2, 7)), VOLTAGE[:, None], "waveform"),
    ],
)
def test_wrong_shapes_are_refused(factors, voltage, reason):
    with pytest.raises(ValueError, match=reason):
        switching_loops(factors, voltage)
