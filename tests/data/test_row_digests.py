import numpy as np
import pytest

from remanence.data.row_digests import row_digests


@pytest.fixture
def x():
    random = np.random.default_rng(0)
    return random.normal(size=(500, 4)) * 10.0 ** random.integers(-30, 30, size=(500, 4))


def test_different_rows_have_different_digests_and_equal_rows_equal_ones(x):
    assert len(np.unique(row_digests(x))) == 500
    order = np.random.default_rng(1).permutation(500)
    np.testing.assert_array_equal(row_digests(x[order]), row_digests(x)[order])


@pytest.mark.parametrize(
    "stored",
    [
        lambda x: x.astype(np.float32),
        lambda x: np.asfortranarray(x),
        lambda x: x.astype(">f8"),
        lambda x: x * (1 + 2e-16),
        lambda x: np.vectorize(lambda value: float(f"{value:.15g}"))(x),
    ],
    ids=["float32", "by columns", "big-endian", "last digit", "fifteen digits of a spreadsheet"],
)
def test_how_a_number_was_stored_does_not_matter(x, stored):
    np.testing.assert_array_equal(row_digests(stored(x)), row_digests(x))


def test_integers_zeros_and_ties_are_those_of_float32():
    np.testing.assert_array_equal(row_digests(np.array([[0, 3]])), row_digests(np.array([[-0.0, 3.0]])))
    ties = np.array([[2.0**24 + 1], [2.0**24 + 3]])
    np.testing.assert_array_equal(row_digests(ties), row_digests(ties.astype(np.float32)))


def test_spectra_are_rows_and_no_row_is_no_digest(x):
    np.testing.assert_array_equal(row_digests(x.reshape(500, 2, 2)), row_digests(x))
    assert row_digests(np.empty((0, 4))).shape == (0,)


def test_a_change_beyond_the_digits_that_a_network_reads_is_another_row(x):
    assert (row_digests(x * (1 + 1e-6)) != row_digests(x)).all()
