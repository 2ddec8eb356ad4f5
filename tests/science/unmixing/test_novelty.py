import numpy as np
import pytest

from remanence.science.unmixing.novelty import MOST, calibrate, novelty, spectral_distance


def test_the_distance_is_the_root_mean_square_difference_over_steps_and_channels():
    made, measured = np.zeros((2, 3, 2)), np.stack([np.full((3, 2), 2.0), np.eye(3, 2)])

    np.testing.assert_allclose(spectral_distance(made, measured), [2, np.sqrt(2 / 6)])


@pytest.mark.parametrize("held_out", [19, 99, 400])
def test_at_most_the_named_share_of_like_spectra_is_called_novel(held_out):
    random = np.random.default_rng(held_out)
    shares = []
    for _ in range(400):
        drawn = random.standard_t(2, size=held_out + 50) ** 2
        shares.append((novelty(drawn[held_out:], calibrate(drawn[:held_out])) >= 0.95).mean())

    assert np.mean(shares) < 0.05 + 3 * np.std(shares) / 20
    assert np.mean(shares) > 0.5 * 0.05


def test_what_is_farther_than_all_held_out_spectra_is_as_novel_as_can_be_told():
    assert novelty(np.array([7.0]), calibrate(np.arange(9.0))[:5]).item() == 5 / 6


def test_distances_are_kept_sorted_finite_and_not_too_many():
    calibration = calibrate(np.append(np.random.default_rng(0).normal(size=3 * MOST), [np.nan, np.inf]))

    assert len(calibration) == MOST
    assert np.isfinite(calibration).all()
    assert (np.diff(calibration) >= 0).all()


def test_without_held_out_spectra_and_without_a_distance_nothing_is_known():
    assert np.isnan(novelty(np.ones(3), np.empty(0))).all()
    assert np.isnan(novelty(np.array([np.nan]), np.arange(3.0))).all()
