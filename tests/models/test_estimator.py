import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR as SKLEARN_SVR

from remanence.models.extra_trees import ExtraTrees
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.linear import Linear
from remanence.models.random_forest import RandomForest
from remanence.models.ridge import Ridge
from remanence.models.svr import SVR

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))
Y = np.stack([X @ [-60, 2] + 118, X @ [450, 24] + 420], axis=1) + RANDOM.normal(0, 3, (40, 2))
NEW = RANDOM.uniform([0.02, 16], [0.25, 50], (7, 2))
FOREST = {"n_estimators": 7, "max_depth": 3, "min_samples_leaf": 2}
SMALL = {
    Linear: {},
    Ridge: {"alphas": [0.1, 1.0]},
    RandomForest: FOREST,
    ExtraTrees: FOREST,
    SVR: {"c": 3.0, "epsilon": 0.2, "gamma": 0.5},
    GaussianProcess: {"restarts": 0, "seed": 4},
}


def fitted(kind, targets=2, **arguments):
    model = kind(n_features=2, n_targets=targets, **arguments)
    model.fit(X, Y[:, :targets])
    return model


@pytest.mark.parametrize("targets", [1, 2])
def test_linear_regression_is_that_of_scikit_learn(targets):
    model = fitted(Linear, targets)

    expected = LinearRegression().fit(X, Y[:, :targets]).predict(NEW)
    np.testing.assert_allclose(model.predict(NEW), expected, rtol=1e-12)
    assert model.predict(NEW[:1]).shape == (1, targets)


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("arguments", [{"n_estimators": 7}, FOREST])
@pytest.mark.parametrize(
    ("kind", "reference"), [(RandomForest, RandomForestRegressor), (ExtraTrees, ExtraTreesRegressor)]
)
def test_trees_are_those_of_scikit_learn_for_each_target(kind, reference, targets, arguments):
    model = fitted(kind, targets, seed=3, **arguments)

    for column in range(targets):
        expected = reference(random_state=3, **arguments).fit(X, Y[:, column]).predict(NEW)
        np.testing.assert_array_equal(model.predict(NEW)[:, column], expected)


def test_ridge_and_svr_work_between_z_scores():
    machine = SKLEARN_SVR(C=3.0, epsilon=0.2, gamma=0.5)
    references = {
        Ridge: make_pipeline(StandardScaler(), RidgeCV(alphas=[0.1, 1.0])),
        SVR: TransformedTargetRegressor(make_pipeline(StandardScaler(), machine), transformer=StandardScaler()),
    }

    for kind, reference in references.items():
        for column in range(2):
            expected = reference.fit(X, Y[:, column]).predict(NEW)
            np.testing.assert_allclose(fitted(kind, **SMALL[kind]).predict(NEW)[:, column], expected, rtol=1e-10)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", SMALL)
def test_a_model_of_two_targets_is_two_models_of_one(kind):
    model = fitted(kind, **SMALL[kind])

    assert len(model.regressors_) == 2
    for column in range(2):
        alone = kind(n_features=2, n_targets=1, **SMALL[kind])
        alone.fit(X, Y[:, [column]])
        np.testing.assert_array_equal(model.predict(NEW)[:, [column]], alone.predict(NEW))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [Linear, Ridge, SVR, GaussianProcess])
@pytest.mark.parametrize("scale", [1000.0, 1e-3])
def test_predictions_follow_the_units_of_features_and_target(kind, scale):
    model = kind(n_features=2, n_targets=2, **SMALL[kind])
    model.fit(X * [scale, 1], Y * scale)

    expected = fitted(kind, **SMALL[kind]).predict(NEW) * scale
    np.testing.assert_allclose(model.predict(NEW * [scale, 1]), expected, rtol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_gaussian_process_follows_the_measurements_and_its_seed():
    model, again = (fitted(GaussianProcess, restarts=1, seed=2) for _ in range(2))

    np.testing.assert_array_equal(model.predict(NEW), again.predict(NEW))
    truth = np.stack([NEW @ [-60, 2] + 118, NEW @ [450, 24] + 420], axis=1)
    assert (np.abs(model.predict(NEW) - truth) < 6).all()  # two standard deviations of the noise


@pytest.mark.parametrize("change", [{"seed": 2}, {"max_depth": 1}, {"min_samples_leaf": 10}, {"n_estimators": 3}])
@pytest.mark.parametrize("kind", [RandomForest, ExtraTrees])
def test_trees_follow_their_seed_and_their_arguments(kind, change):
    usual = {"seed": 1, "n_estimators": 7}

    first, again, other = (fitted(kind, **arguments).predict(NEW) for arguments in (usual, usual, usual | change))

    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("kind", SMALL)
def test_a_model_can_be_rebuilt_from_its_arguments(kind):
    model = kind(n_features=2, n_targets=2, **SMALL[kind])

    again = type(model)(**model.hparams)

    assert again.hparams == model.hparams == {"n_features": 2, "n_targets": 2, **SMALL[kind], **again.hparams}
    for first, second in zip(model.regressors_, again.regressors_, strict=True):
        assert repr(first.get_params()) == repr(second.get_params())
