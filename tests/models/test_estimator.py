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
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.lasso import Lasso
from remanence.models.linear import Linear
from remanence.models.neighbours import Neighbours
from remanence.models.nu_svr import NuSVR
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
    Neighbours: {"n_neighbours": 3},
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
def test_trees_are_those_of_scikit_learn_between_z_scores_for_each_target(kind, reference, targets, arguments):
    model = fitted(kind, targets, seed=3, **arguments)

    x, new = ((values - X.mean(axis=0)) / X.std(axis=0) for values in (X, NEW))
    for column in range(targets):
        mean, sd = Y[:, column].mean(), Y[:, column].std()
        z = ((Y[:, column] - mean) / sd).astype(np.float32)
        forest = reference(random_state=3, **arguments).fit(x.astype(np.float32), z)
        expected = forest.predict(new.astype(np.float32)) * sd + mean
        np.testing.assert_allclose(model.predict(NEW)[:, column], expected, rtol=1e-12)
        spread = np.std([tree.predict(new.astype(np.float32)) for tree in forest.estimators_], axis=0) * sd
        np.testing.assert_allclose(model.spread(NEW)[:, column], spread, rtol=1e-12)


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


def test_a_limited_score_of_a_rare_element_is_not_stretched_again():
    """The standard deviation of a column is small once its only large score has been limited."""
    x = np.column_stack([X, np.zeros(len(X))])
    x[3, 2] = 1.0
    z = ((x - x.mean(axis=0)) / x.std(axis=0)).clip(-3, 3)
    y = (Y[:, 0] - Y[:, 0].mean()) / Y[:, 0].std()

    model = SVR(n_features=3, c=3.0, gamma=0.5, clip=3.0)
    model.fit(x, Y[:, :1])

    np.testing.assert_allclose(model.predict_scaled(z)[:, 0], SKLEARN_SVR(C=3.0, gamma=0.5).fit(z, y).predict(z))


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
@pytest.mark.parametrize("kind", [*SMALL, Lasso, NuSVR, GradientBoosting])
@pytest.mark.parametrize("scale", [1e12, 1e-12])
def test_predictions_and_their_spread_follow_the_units_of_features_and_target(kind, scale):
    arguments = {"max_estimators": 30, "engine": "xgboost"} if kind is GradientBoosting else SMALL.get(kind, {})
    model, reference = (kind(n_features=2, n_targets=2, **arguments) for _ in range(2))
    model.fit(X * scale, Y * scale)
    reference.fit(X, Y)

    np.testing.assert_allclose(model.predict(NEW * scale) / scale, reference.predict(NEW), rtol=1e-3)
    np.testing.assert_allclose(model.spread(NEW * scale) / scale, reference.spread(NEW), rtol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [Linear, Ridge, SVR, GaussianProcess])
def test_a_rare_input_counts_as_the_largest_allowed_score_and_predictions_stay_near_the_fitted_range(kind):
    x = np.column_stack([X, np.zeros(len(X))])
    x[0, 2] = 1e-3  # one row with a trace of an element
    model = kind(n_features=3, n_targets=2, clip=3.0)
    model.fit(x, Y)

    rare, rarer = (model.predict(np.column_stack([NEW, np.full(len(NEW), amount)])) for amount in (1e-2, 1.0))
    np.testing.assert_array_equal(rare, rarer)
    low, high = Y.min(axis=0), Y.max(axis=0)
    far = model.predict(np.array([[0.5, 80.0, 1.0], [-0.5, -80.0, 0.0]]))
    assert (far >= low - 0.5 * (high - low)).all()
    assert (far <= high + 0.5 * (high - low)).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", SMALL)
def test_scaling_and_spread_are_saved_with_the_model(kind, tmp_path):
    model, again = fitted(kind, **SMALL[kind]), kind(n_features=2, n_targets=2, **SMALL[kind])
    model.write_fitted(tmp_path)
    again.read_fitted(tmp_path)

    np.testing.assert_array_equal(again.predict(NEW), model.predict(NEW))
    np.testing.assert_array_equal(again.spread(NEW), model.spread(NEW))
    (tmp_path / "scaling.json").unlink()  # as earlier releases have saved it
    again.read_fitted(tmp_path)
    assert np.isnan(again.spread(NEW)).all()
    np.testing.assert_array_equal(again.predict(NEW)[:, 0], again.regressors_[0].predict(NEW))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [ExtraTrees, GaussianProcess, Linear])
def test_the_spread_of_many_rows_is_that_of_each(kind, monkeypatch):
    model = fitted(kind)
    expected = model.spread(NEW)
    monkeypatch.setattr("remanence.models.estimator.CHUNK", 3)

    np.testing.assert_allclose(model.spread(NEW), expected, rtol=1e-12)


def test_the_spread_of_a_process_grows_away_from_its_rows_and_that_of_a_line_is_its_error():
    process, line = fitted(GaussianProcess, restarts=0), fitted(Linear)

    far = NEW + 10 * X.std(axis=0)
    assert (process.spread(far) > process.spread(NEW)).all()
    np.testing.assert_allclose(line.spread(NEW), np.tile((Y - line.predict(X)).std(axis=0), (7, 1)))


def test_neighbours_are_the_nearest_rows_weighted_by_distance_and_a_known_row_is_its_measurement():
    model = fitted(Neighbours, n_neighbours=3, clip=None)

    distance = np.abs((NEW[0] - X) / X.std(axis=0)).sum(axis=1)
    nearest = np.argsort(distance)[:3]
    mean = np.average(Y[nearest], axis=0, weights=1 / distance[nearest])
    np.testing.assert_allclose(model.predict(NEW)[0], mean)
    variance = np.average((Y[nearest] - mean) ** 2, axis=0, weights=1 / distance[nearest])
    np.testing.assert_allclose(model.spread(NEW)[0], np.sqrt(variance))
    np.testing.assert_allclose(model.predict(X), Y)
    assert (model.spread(X) < 1e-9).all()


def test_a_small_search_inside_the_rows_chooses_what_predicts_best():
    wave = np.stack([np.sin(20 * X[:, 0]), X[:, 1]], axis=1)
    machine = SVR(n_features=2, n_targets=2, cs=[0.001, 10.0], widths=[1e-3, 1.0])
    machine.fit(X, wave)
    chosen = machine.regressors_
    assert (chosen[0].C, chosen[0].gamma) == (10.0, 0.5)

    noise = RANDOM.normal(size=(40, 8))
    forest = ExtraTrees(n_features=10, n_estimators=20, shares=[0.1, 1.0])
    forest.fit(np.column_stack([X, noise]), Y[:, :1])
    assert forest.regressors_[0].max_features == 1.0  # one input of ten is noise most of the time


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
