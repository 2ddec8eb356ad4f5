import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression

from remanence.models.linear import Linear
from remanence.models.random_forest import RandomForest

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))
Y = np.stack([X @ [-60, 2] + 118, X @ [450, 24] + 420], axis=1) + RANDOM.normal(0, 3, (40, 2))
NEW = RANDOM.uniform([0.02, 16], [0.25, 50], (7, 2))
FOREST = {"n_estimators": 7, "max_depth": 3, "min_samples_leaf": 2}


@pytest.mark.parametrize("targets", [1, 2])
def test_linear_regression_is_that_of_scikit_learn(targets):
    model = Linear(n_features=2, n_targets=targets)
    model.fit(X, Y[:, :targets])

    expected = LinearRegression().fit(X, Y[:, :targets]).predict(NEW)
    np.testing.assert_allclose(model.predict(NEW), expected, rtol=1e-12)
    assert model.predict(NEW[:1]).shape == (1, targets)


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("arguments", [{"n_estimators": 7}, FOREST])
def test_a_random_forest_is_that_of_scikit_learn(targets, arguments):
    model = RandomForest(n_features=2, n_targets=targets, seed=3, **arguments)
    model.fit(X, Y[:, :targets])

    y = Y[:, 0] if targets == 1 else Y
    expected = RandomForestRegressor(random_state=3, **arguments).fit(X, y).predict(NEW).reshape(7, targets)
    np.testing.assert_array_equal(model.predict(NEW), expected)


@pytest.mark.parametrize("change", [{"seed": 2}, {"max_depth": 1}, {"min_samples_leaf": 10}, {"n_estimators": 3}])
def test_a_forest_follows_its_seed_and_its_arguments(change):
    def predicted(**arguments):
        model = RandomForest(n_features=2, n_targets=2, **arguments)
        model.fit(X, Y)
        return model.predict(NEW)

    usual = {"seed": 1, "n_estimators": 7}

    np.testing.assert_array_equal(predicted(**usual), predicted(**usual))
    assert not np.allclose(predicted(**usual), predicted(**usual | change))


@pytest.mark.parametrize(
    "model", [Linear(n_features=2, n_targets=2), RandomForest(n_features=2, n_targets=2, **FOREST)]
)
def test_a_model_can_be_rebuilt_from_its_arguments(model):
    again = type(model)(**model.hparams)

    assert again.hparams == model.hparams
    assert again.estimator_.get_params() == model.estimator_.get_params()
