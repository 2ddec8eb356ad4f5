from base64 import b64decode

import numpy as np
import pytest

from remanence.figures.explorer.packed_array import packed


def unpacked(given):
    codes = np.frombuffer(b64decode(given["codes"]), dtype="<u2").reshape(given["shape"])
    return np.where(codes == 65535, np.nan, given["low"] + given["step"] * codes)


def test_numbers_come_back_within_half_a_step_of_the_range():
    values = np.random.default_rng(0).normal(size=(7, 11))

    given = packed(values)

    assert given["step"] == pytest.approx(np.ptp(values) / 65534)
    assert np.abs(unpacked(given) - values).max() <= 0.5 * given["step"] * 1.0001


def test_what_is_not_finite_comes_back_as_nan_and_does_not_stretch_the_range():
    back = unpacked(packed(np.array([1.0, np.inf, np.nan, 3.0])))

    np.testing.assert_allclose(back, [1, np.nan, np.nan, 3])


@pytest.mark.parametrize("values", [np.full(3, 4.5), np.full(2, np.nan), np.empty((0, 4))])
def test_equal_missing_or_no_numbers_are_packed_as_well(values):
    np.testing.assert_array_equal(unpacked(packed(values)), values)
