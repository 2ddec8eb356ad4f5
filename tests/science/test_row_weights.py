import numpy as np
import pytest

from remanence.science.row_weights import row_weights

RANDOM = np.random.default_rng(0)
Y = RANDOM.normal(100, 30, (50, 2))
STATED = np.stack([RANDOM.uniform(1, 60, 50), np.full(50, np.nan)], axis=1)
ROWS = np.arange(10, 40)


def test_a_row_weighs_inversely_to_the_variance_that_no_model_explains_and_its_own():
    weights = row_weights(STATED, Y, ROWS)

    variance = (Y[ROWS, 0].std() / 3) ** 2 + STATED[ROWS, 0] ** 2
    np.testing.assert_allclose(weights[:, 0] * variance, (weights[:, 0] * variance)[0])
    assert weights.mean(axis=0) == pytest.approx([1, 1])
    assert (weights[:, 1] == 1).all()


def test_an_unknown_uncertainty_counts_as_the_typical_one():
    stated = STATED[:, :1].copy()
    stated[12] = np.nan

    weights = row_weights(stated, Y, ROWS)

    typical = stated.copy()
    typical[12] = np.nanmedian(stated[ROWS])
    np.testing.assert_allclose(weights, row_weights(typical, Y, ROWS))


def test_the_scale_is_that_of_the_rows_that_are_fitted():
    held_out = np.arange(40, 50)
    other = Y.copy()
    other[held_out] *= 100

    weights = row_weights(STATED, Y, held_out, fitted_on=ROWS)

    np.testing.assert_array_equal(weights, row_weights(STATED, other, held_out, fitted_on=ROWS))
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_units_do_not_matter(factor):
    np.testing.assert_allclose(row_weights(STATED * factor, Y * factor, ROWS), row_weights(STATED, Y, ROWS))


@pytest.mark.parametrize(
    "uncertainty", [None, np.full((50, 2), np.nan), np.full((50, 2), 5.0)], ids=["none", "unknown", "all alike"]
)
def test_rows_that_weigh_alike_have_no_weights(uncertainty):
    assert row_weights(uncertainty, Y, ROWS) is None


def test_a_constant_target_is_not_weighed():
    assert row_weights(STATED, np.ones_like(Y), ROWS) is None
