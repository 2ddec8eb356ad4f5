import numpy as np
import pytest

from remanence.models.gradient_boosting import PATIENCE, GradientBoosting, _errors_of_xgboost
from remanence.models.inner_folds import inner_folds

xgboost = pytest.importorskip("xgboost")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = np.sin(2 * X[:, 0]) + 0.3 * RANDOM.normal(size=60)


@pytest.mark.parametrize(("rate", "most"), [(0.1, 400), (0.02, 40)])
def test_held_out_errors_are_those_of_xgboost(rate, most):
    trees = GradientBoosting(n_features=4, engine="xgboost").build().set_params(learning_rate=rate, subsample=0.5)
    folds = inner_folds(60, folds=3, seed=0)

    counts, errors = _errors_of_xgboost(trees, X, Y, folds, most)

    expected = xgboost.cv(
        trees.get_xgb_params(), xgboost.DMatrix(X, Y, nthread=1), num_boost_round=most, folds=list(folds.split(X)),
        metrics="mae", early_stopping_rounds=PATIENCE, as_pandas=False,
    )["test-mae-mean"]  # fmt: skip
    np.testing.assert_array_equal(errors[: len(expected)], expected)
    assert counts.tolist() == list(range(1, len(errors) + 1))
    assert errors.argmin() == np.argmin(expected)
    assert len(errors) == (most if len(expected) == most else len(expected) + PATIENCE)
