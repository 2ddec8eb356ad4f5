import numpy as np
import pytest

from remanence.science.least_shares import least_shares

RANDOM = np.random.default_rng(0)
MEASURED = RANDOM.normal(size=80)
PREDICTED = MEASURED[:, None] + RANDOM.normal(size=(80, 3)) * [0.3, 0.5, 2.0]


def error(shares):
    return np.abs(PREDICTED @ shares - MEASURED).mean()


def test_no_shares_on_a_grid_err_less():
    shares = least_shares(PREDICTED, MEASURED)

    steps = np.linspace(0, 1, 41)
    grid = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1 + 1e-9]
    assert error(shares) <= min(map(error, grid)) + 1e-9
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert shares[2] < 0.1 < shares[1] < shares[0]


def test_a_model_that_knows_the_truth_gets_everything():
    known = np.stack([PREDICTED[:, 0], MEASURED], axis=1)

    np.testing.assert_allclose(least_shares(known, MEASURED), [0, 1], atol=1e-9)


def test_one_model_alone_has_all():
    assert least_shares(PREDICTED[:, :1], MEASURED).tolist() == [1.0]
