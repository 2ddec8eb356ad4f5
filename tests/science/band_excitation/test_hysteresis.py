from dataclasses import fields

import numpy as np
import pytest

from remanence.science.band_excitation.hysteresis import loop_parameters

FROM_MAXIMUM = np.concatenate((np.linspace(16, -16, 48, endpoint=False), np.linspace(-16, 16, 48, endpoint=False)))
FROM_ZERO = np.interp(np.arange(96), [0, 24, 71, 95], [0, 16, -16, 0])
WAVEFORMS = pytest.mark.parametrize("voltage", [FROM_MAXIMUM, FROM_ZERO], ids=["from maximum", "from zero"])


def rising(voltage):
    time = np.arange(voltage.size)
    return (time > np.argmin(voltage)) | (time < np.argmax(voltage))


def loop(voltage, positive=7.0, negative=-5.0, width=1.5):
    return np.tanh((voltage - np.where(rising(voltage), positive, negative)) / width)


@WAVEFORMS
@pytest.mark.parametrize(("positive", "negative"), [(7.0, -5.0), (3.2, -9.1), (8.0, -8.0)])
def test_coercive_biases_imprint_remanence_and_area_are_those_of_the_loop(voltage, positive, negative):
    found = loop_parameters(voltage, 3e-5 * loop(voltage, positive, negative))

    assert found.positive_coercive_bias == pytest.approx(positive, abs=0.06)
    assert found.negative_coercive_bias == pytest.approx(negative, abs=0.06)
    assert found.imprint == pytest.approx((positive + negative) / 2, abs=0.06)
    assert found.positive_remanence == pytest.approx(3e-5 * np.tanh(-negative / 1.5), rel=0.02)
    assert found.negative_remanence == pytest.approx(-3e-5 * np.tanh(positive / 1.5), rel=0.02)
    assert found.area == pytest.approx(3e-5 * 2 * (positive - negative), rel=0.02)


@WAVEFORMS
def test_a_loop_turned_over_has_a_negative_area_and_the_same_coercive_biases(voltage):
    upright, over = loop_parameters(voltage, loop(voltage)), loop_parameters(voltage, -loop(voltage))

    assert over.area == pytest.approx(-upright.area)
    assert over.positive_coercive_bias == pytest.approx(upright.positive_coercive_bias)


@WAVEFORMS
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_two_steps_are_told_from_one(voltage, noise):
    noise = noise * np.random.default_rng(0).standard_normal((500, 96))
    one = loop_parameters(voltage, loop(voltage, 8, -8, width=3) + noise)
    two = loop_parameters(voltage, (loop(voltage, 4, -4) + loop(voltage, 11, -11)) / 2 + noise)

    assert np.mean(one.rising_concavities + one.falling_concavities == 0) > 0.99
    assert np.mean((two.rising_concavities == 1) & (two.falling_concavities == 1)) > 0.99
    assert (one.rising_concavity.mean(), two.rising_concavity.mean()) == pytest.approx((0, 0.9), abs=0.1)


def test_a_branch_in_two_steps_does_not_make_the_other_so():
    two = (loop(FROM_MAXIMUM, 4, -8) + loop(FROM_MAXIMUM, 11, -8)) / 2

    found = loop_parameters(FROM_MAXIMUM, two)

    assert (found.rising_concavities, found.falling_concavities) == (1, 0)


@WAVEFORMS
def test_softening_and_hardening_are_measured_from_the_saturated_resonance(voltage):
    at = np.where(rising(voltage), 8, -6)
    peak = np.exp(-(((voltage - at) / 2) ** 2))
    resonance = 1320 + 0.1 * voltage + np.where(rising(voltage), -3, 2) * peak

    found = loop_parameters(voltage, loop(voltage, 8, -6), resonance)

    assert found.positive_softening == pytest.approx(3, rel=0.2)
    assert found.negative_hardening == pytest.approx(2, rel=0.2)
    assert (found.negative_softening, found.positive_hardening) == pytest.approx((0, 0), abs=0.1)


def test_without_a_resonance_softening_is_undefined():
    found = loop_parameters(FROM_MAXIMUM, loop(FROM_MAXIMUM))

    assert np.isnan([found.positive_softening, found.negative_hardening]).all()


@pytest.mark.filterwarnings("error")
def test_what_is_undefined_is_nan_and_disturbs_no_neighbour():
    good = loop(FROM_MAXIMUM)
    one_nan, infinite = good.copy(), good.copy()
    one_nan[30], infinite[2] = np.nan, np.inf
    p = np.array([good, np.full(96, np.nan), one_nan, infinite, good + 5, np.zeros(96), good])

    found = loop_parameters(FROM_MAXIMUM, p, p)

    for field in fields(found):
        values = getattr(found, field.name)
        assert values.shape == (7,)
        assert np.isnan(values[1:4]).all()
        assert values[0] == values[6]
        assert np.isfinite(values[0])
    assert np.isnan(found.positive_coercive_bias[4:6]).all()  # never changes sign
    assert found.area[4] == pytest.approx(found.area[0])


def test_maps_keep_their_shape():
    found = loop_parameters(FROM_MAXIMUM, np.broadcast_to(loop(FROM_MAXIMUM), (3, 4, 96)))

    assert found.area.shape == found.rising_concavities.shape == (3, 4)


@pytest.mark.parametrize(
    ("voltage", "loops", "message"),
    [
        (FROM_MAXIMUM, np.ones((2, 95)), "`piezoresponse` with 96 steps"),
        (np.abs(FROM_MAXIMUM), np.ones((2, 96)), "both signs"),
        (np.tile(FROM_MAXIMUM[::2], 2), np.ones((2, 96)), "one cycle"),
        (FROM_MAXIMUM[:, None], np.ones((2, 96)), "one cycle"),
    ],
)
def test_arguments_that_make_no_loop_are_refused(voltage, loops, message):
    with pytest.raises(ValueError, match=message):
        loop_parameters(voltage, loops)


@pytest.fixture
def measured(shared_data):
    """The published loops, parameters of the shape (rows, columns)."""
    folder = shared_data / "beps"
    p = np.load(folder / "pizoresponse.npy")[..., 0] * 7.859902800847493e-05 - 1.0487273116670697e-05
    resonance = np.load(folder / "resonance.npy") * 3.1454182388943095 + 1324.800141637855
    return loop_parameters(np.load(folder / "voltage.npy")[:, 0], p.reshape(60, 60, 96), resonance.reshape(60, 60, 96))


def test_the_published_loops_switch_at_about_8_volt(measured):
    assert np.isfinite(measured.imprint).mean() > 0.99
    assert np.nanmedian(measured.positive_coercive_bias) == pytest.approx(8.6, abs=0.1)
    assert np.nanmedian(measured.negative_coercive_bias) == pytest.approx(-6.2, abs=0.1)
    assert (measured.area > 0).all()
    assert (measured.positive_remanence > measured.negative_remanence).all()


def test_the_published_resonances_soften_by_more_than_a_kilohertz(measured):
    assert np.median(measured.positive_softening) == pytest.approx(1.3, abs=0.3)
    assert np.median(measured.negative_softening) == pytest.approx(1.5, abs=0.3)
    assert np.median(measured.positive_hardening) < 0.3


def test_row_55_column_8_has_concavities_and_most_pixels_have_none(measured):
    assert measured.rising_concavities[55, 8] >= 1
    assert measured.falling_concavities[55, 8] >= 1
    assert (measured.rising_concavities == 0).mean() > 0.7
    assert (measured.falling_concavities == 0).mean() > 0.9
