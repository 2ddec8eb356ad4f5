import numpy as np

from remanence.data.spectra.fitted_loops import channel_names, interpolate, loops_as_channels, loops_of_fits

AMPLITUDE = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
PHASE = np.full((2, 4), 0.5)
FREQUENCY = 300 + AMPLITUDE


def test_the_rotation_puts_the_response_into_the_piezoresponse():
    loops = loops_of_fits(AMPLITUDE, PHASE, FREQUENCY, np.zeros((2, 4), bool), rotation=-0.5, max_bad=0.2)

    np.testing.assert_allclose(loops[..., 0], AMPLITUDE)
    np.testing.assert_allclose(loops[..., 1], FREQUENCY)


def test_few_bad_fits_are_interpolated_and_many_mask_the_pixel():
    bad = np.array([[False, True, False, False], [True, True, False, False]])

    loops = loops_of_fits(AMPLITUDE, PHASE, FREQUENCY, bad, rotation=-0.5, max_bad=0.25)

    np.testing.assert_allclose(loops[0, :, 0], [1, 2, 3, 4])
    assert np.isnan(loops[1]).all()


def test_loops_that_follow_each_other_are_channels_each_interpolated_by_itself():
    amplitude = np.tile([1.0, 1.0, 5.0, 5.0], (1, 1))
    bad = np.array([[False, True, False, False]])

    loops = loops_of_fits(amplitude, PHASE[:1], FREQUENCY[:1], bad, rotation=-0.5, max_bad=0.5, number=2)

    assert loops.shape == (1, 2, 4)
    np.testing.assert_allclose(loops[0, :, 0], [1, 1])
    np.testing.assert_allclose(loops[0, :, 2], [5, 5])
    two = loops_as_channels(np.arange(8.0).reshape(1, 4, 2), 2)
    np.testing.assert_array_equal(two[0], [[0, 1, 4, 5], [2, 3, 6, 7]])


def test_a_gap_at_the_end_is_closed_with_the_beginning():
    loops = np.array([[[0.0], [2.0], [np.nan]]])

    interpolate(loops, np.array([True]))

    np.testing.assert_allclose(loops[0, :, 0], [0, 2, 1])


def test_each_of_several_loops_has_a_name():
    assert channel_names(("",)) == ("piezoresponse (arb. units)", "resonance frequency (kHz)")
    assert channel_names(("cycle 0", "cycle 1"))[2] == "piezoresponse (arb. units), cycle 1"
