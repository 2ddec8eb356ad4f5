from base64 import b64decode

import numpy as np
import pytest

from remanence.figures.explorer.packed_array import packed, packed_rows


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


def unpacked_rows(given):
    rows, columns = given["shape"]
    low, step = np.frombuffer(b64decode(given["rows"]), dtype="<f4").reshape(2, rows)
    bits = np.unpackbits(np.frombuffer(b64decode(given["codes"]), dtype=np.uint8), bitorder="little")
    codes = bits[: 14 * rows * columns].reshape(rows, columns, 14) @ 2.0 ** np.arange(14)
    return low[:, None] + step[:, None] * codes


@pytest.mark.parametrize("shape", [(3, 4), (5, 7), (1, 1)])
def test_the_rows_of_a_matrix_come_back_within_half_a_step_of_their_own_range(shape):
    matrix = np.random.default_rng(0).normal(size=shape) * 10.0 ** np.arange(shape[0])[:, None]

    given = packed_rows(matrix)

    half = np.ptp(matrix, axis=1, keepdims=True) / 32766
    assert (np.abs(unpacked_rows(given) - matrix) <= 1.001 * half + 1e-6 * np.abs(matrix)).all()
    assert len(given["codes"]) <= 7 / 3 * matrix.size + 4
