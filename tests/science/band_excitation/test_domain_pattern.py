import numpy as np
import pytest

from remanence.science.band_excitation.domain_pattern import domain_pattern
from remanence.science.band_excitation.switching import FACTORS


def test_every_factor_lies_in_its_range_and_varies():
    factors = domain_pattern(60, 60, seed=3).factors

    for values, factor in zip(factors.T, FACTORS.values(), strict=True):
        assert factor.low <= values.min() < values.max() <= factor.high


def test_factors_and_maps_hold_the_same_values_row_by_row():
    pattern = domain_pattern(4, 7)

    maps = pattern.maps()
    assert list(maps) == list(FACTORS)
    for column, values in enumerate(maps.values()):
        assert values.shape == (4, 7)
        np.testing.assert_array_equal(values.ravel(), pattern.factors[:, column])


def test_both_kinds_of_bands_cross_the_map_several_times():
    c_band = domain_pattern(60, 60).c_band

    assert 0.4 < c_band.mean() < 0.7
    assert all(np.count_nonzero(np.diff(row > 0.5)) >= 4 for row in c_band)


def test_the_three_mechanisms_live_in_their_places():
    pattern = domain_pattern(60, 60)
    maps = pattern.maps()
    a_band = pattern.c_band < 0.3
    near_ridge, near_valley = a_band & (pattern.ridge > 0.5), a_band & (pattern.valley > 0.5)
    inside_c = pattern.c_band > 0.95

    assert maps["two_step"][near_ridge].mean() > 5 * maps["two_step"][near_valley].mean()
    assert maps["charged_wall"][near_valley].mean() > 5 * maps["charged_wall"][near_ridge].mean()
    assert max(maps["two_step"][inside_c].max(), maps["charged_wall"][inside_c].max()) < 0.1
    assert maps["amplitude"][inside_c].mean() > 1.3 * maps["amplitude"][a_band].mean()


def test_ridge_lies_on_the_left_of_an_a_band_and_valley_on_its_right():
    pattern = domain_pattern(200, 200)
    falls = np.diff(pattern.c_band, axis=1)  # left of an a band c/a ends

    assert np.average(pattern.ridge[:, 1:], weights=np.maximum(-falls, 0)) > 0.8
    assert np.average(pattern.valley[:, 1:], weights=np.maximum(falls, 0)) > 0.8


def test_the_pattern_does_not_depend_on_the_grid():
    coarse, fine = domain_pattern(20, 20, seed=1), domain_pattern(60, 60, seed=1)

    np.testing.assert_allclose(coarse.factors.reshape(20, 20, 7), fine.factors.reshape(60, 60, 7)[1::3, 1::3])


def test_the_seed_decides():
    one, same, other = (domain_pattern(9, 9, seed=seed).factors for seed in (1, 1, 2))

    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_any_grid_will_do(shape):
    assert np.isfinite(domain_pattern(*shape).factors).all()


def test_no_pixels_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        domain_pattern(0, 5)
