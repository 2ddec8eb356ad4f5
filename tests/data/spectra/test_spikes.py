import numpy as np
import pytest

from remanence.data.spectra.spikes import find_spikes, robust_spread, rough, spike_limits, without_spikes

STEPS = 64


@pytest.fixture
def loops():
    """Two channels of 200 loops that switch sharply, with noise of 1 % and of 3 kHz about 1325."""
    bias = np.concatenate([np.linspace(-8, 8, 32), np.linspace(8, -8, 32)])
    shift = np.repeat([3.0, -3.0], 32)
    response = np.tanh((bias - shift) * 4)[None, :, None] * [1e-4, 0] + [0, 1325]
    return response + np.random.default_rng(0).normal(size=(200, STEPS, 2)) * [1e-6, 3.0]


def test_spikes_are_found_in_each_channel_and_switching_is_none(loops):
    spiked = loops.copy()
    spiked[5, 10, 0] += 9e-3
    spiked[7, 40:42, 1] -= 300
    spiked[9, 0, 0] -= 9e-3

    found = find_spikes(spiked, spike_limits(spiked, 20))

    assert np.argwhere(found).tolist() == [[5, 10, 0], [7, 40, 1], [7, 41, 1], [9, 0, 0]]


def test_limits_hardly_change_with_the_spikes(loops):
    spiked = loops.copy()
    spiked[::10, 20] *= 1000

    np.testing.assert_allclose(spike_limits(spiked, 20), spike_limits(loops, 20), rtol=0.05)


def test_interpolation_takes_the_neighbours_and_leaves_the_rest(loops):
    spikes = np.zeros(loops.shape, dtype=bool)
    spikes[3, 10:12, 0] = True
    spikes[4, 0, 1] = True

    filled = without_spikes(loops, spikes)

    expected = np.interp([10, 11], [9, 12], loops[3, [9, 12], 0])
    np.testing.assert_allclose(filled[3, 10:12, 0], expected)
    assert filled[4, 0, 1] == loops[4, 1, 1]
    np.testing.assert_array_equal(filled[~spikes], loops[~spikes])


def test_spectra_without_noise_have_no_spikes():
    spectra = np.exp(-((np.arange(STEPS) - 30.0) ** 2) / 50)[None, :, None] * np.linspace(0.5, 2, 30)[:, None, None]

    assert not find_spikes(spectra, spike_limits(spectra, 20)).any()


def test_the_spread_is_the_standard_deviation_of_normal_values_whatever_a_few_others_are(loops):
    values = np.random.default_rng(1).normal(5, 2, size=(400, 50, 1))
    values[0] = 1e9

    assert robust_spread(values) == pytest.approx(2, rel=0.03)


def test_in_the_real_file_one_z_score_is_that_of_spikes(shared_data):
    import h5py

    with h5py.File(shared_data / "nsid" / "BEPS_PTO_50x50.h5") as file:
        loops = file["Channel_000/generic/generic"][()].reshape(2500, 64, 1)
    assert np.mean(np.abs(loops) > 0.01) == pytest.approx(0.0026, rel=0.01)

    limits = spike_limits(loops, 20)
    usable = rough(loops, limits) <= 0.2
    cleaned = without_spikes(loops[usable], find_spikes(loops[usable], limits))

    assert usable.sum() == 2249
    assert np.mean(np.abs(cleaned) > 0.01) < 1e-4
    assert loops.std() > 30 * robust_spread(loops)[0]
    assert cleaned.std() < 5 * robust_spread(cleaned)[0]


def test_the_tip_of_a_narrow_line_is_no_spike_however_small_the_noise():
    line = np.exp(-((np.arange(STEPS) - 30.4) ** 2) / (2 * 1.5**2))[None, :, None]  # 3.5 steps at half its height
    spectra = np.linspace(0, 3, 50)[:, None, None] * line + np.random.default_rng(0).normal(0, 1e-3, (50, STEPS, 1))
    spectra[40, 12] += 0.5

    found = find_spikes(spectra, spike_limits(spectra, 20))

    assert np.argwhere(found).tolist() == [[40, 12, 0]]


def test_spectra_of_many_jumps_are_rough(loops):
    loops[3, ::3, 0] += 1e-3

    share = rough(loops, spike_limits(loops, 20))

    assert np.flatnonzero(share > 0.1).tolist() == [3]
