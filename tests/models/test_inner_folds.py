import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError
from sklearn import svm
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LassoCV
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.preprocessing import StandardScaler

from remanence.configuration.on_offer import on_offer
from remanence.errors import ConfigurationError
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.gradient_boosting import GradientBoosting, available
from remanence.models.lasso import Lasso
from remanence.models.nu_svr import NuSVR
from remanence.models.random_forest import RandomForest

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal([5, 0, -3, 0], [10, 1, 0.1, 1], (60, 4))
SMOOTH = np.sin(2 * X[:, 1]) + 0.1 * X[:, 0]
Y = np.stack([SMOOTH, 30 * X[:, 3] ** 2 - X[:, 0]], axis=1) + RANDOM.normal(0, 0.05, (60, 2))
NEW = RANDOM.normal([5, 0, -3, 0], [10, 1, 0.1, 1], (9, 4))
BOOSTING = {"depths": [1, 2], "subsamples": [0.7], "max_estimators": 100, "lr": 0.1}
SMALL = {
    "lasso": (Lasso, {}),
    "nu_svr": (NuSVR, {"cs": [1.0, 10.0], "nus": [0.25, 0.5], "kernels": ["rbf", "linear"], "folds": 3}),
    "gaussian_process": (GaussianProcess, {"ard": True, "restarts": 0, "max_rows": 40}),
    "random_forest": (RandomForest, {"depths": [1, 4], "n_estimators": 7}),
    "xgboost": (GradientBoosting, BOOSTING | {"engine": "xgboost"}),
    "sklearn": (GradientBoosting, BOOSTING | {"engine": "sklearn", "depths": [2], "loss": "mse", "folds": 2}),
}


def made(name, targets=1, **arguments):
    if name == "xgboost":
        pytest.importorskip("xgboost")
    kind, usual = SMALL[name]
    return kind(n_features=X.shape[1], n_targets=targets, **usual | arguments)


def fitted(name, targets=1, x=X, **arguments):
    model = made(name, targets, **arguments)
    model.fit(x, Y[: len(x), :targets])
    return model


def z_scores():
    """Return the values that an estimator of the first target sees: X, NEW, and the target without its last digits."""
    x, new = ((values - X.mean(axis=0)) / X.std(axis=0) for values in (X, NEW))
    return x, new, ((Y[:, 0] - Y[:, 0].mean()) / Y[:, 0].std()).astype(np.float32).astype(float)


@pytest.mark.parametrize("name", SMALL)
def test_a_search_is_repeated_exactly_and_by_target(name):
    both = fitted(name, 2)
    first = both.predict(NEW)

    np.testing.assert_array_equal(first[:, :1], fitted(name).predict(NEW))
    both.fit(X, Y)
    np.testing.assert_array_equal(both.predict(NEW), first)


@pytest.mark.parametrize("name", SMALL)
def test_rows_outside_the_fit_change_nothing(name):
    beside_nothing, beside_nan = made(name), made(name)
    x, y = np.concatenate([X[:50], np.full((10, 4), np.nan)]), np.concatenate([Y[:50], np.full((10, 2), np.nan)])

    beside_nothing.fit(X[:50], Y[:50, :1])
    beside_nan.fit(x[:50], y[:50, :1])

    expected = beside_nothing.predict(NEW)
    np.testing.assert_array_equal(beside_nan.predict(NEW), expected)
    one_by_one = np.concatenate([beside_nan.predict(row[None]) for row in NEW])
    np.testing.assert_allclose(one_by_one, expected, rtol=1e-10)


@pytest.mark.parametrize("name", ["lasso", "nu_svr", "gaussian_process"])
@pytest.mark.parametrize("scale", [1000.0, 1e-3])
def test_predictions_follow_the_units(name, scale):
    model = made(name)
    model.fit(X * [scale, 1, 1, 1], Y[:, :1] * scale)

    expected = fitted(name).predict(NEW) * scale
    np.testing.assert_allclose(model.predict(NEW * [scale, 1, 1, 1]), expected, rtol=1e-3, atol=2e-3 * scale)


@pytest.mark.parametrize(("name", "folds"), [("lasso", 5), ("nu_svr", 3), ("xgboost", 3), ("sklearn", 2)])
def test_fewer_rows_than_folds_are_refused(name, folds):
    with pytest.raises(ConfigurationError, match=f"folds: .* {folds} folds needs {folds} training rows"):
        made(name).fit(X[: folds - 1], Y[: folds - 1, :1])


def test_lasso_takes_the_penalty_that_cross_validation_of_the_same_rows_takes():
    z, target = StandardScaler().fit_transform(X), StandardScaler().fit_transform(Y)[:, 0]
    expected = LassoCV(cv=KFold(5, shuffle=True, random_state=3)).fit(z, target)

    lasso = fitted("lasso", seed=3).regressors_[0].regressor_[-1]

    assert lasso.alpha_ == pytest.approx(expected.alpha_)
    np.testing.assert_allclose(lasso.coef_, expected.coef_, atol=1e-6)


@pytest.mark.parametrize(("target", "kernel"), [(SMOOTH, "rbf"), (X @ [1.0, 2.0, 3.0, 4.0], "linear")])
def test_support_vectors_take_the_kernel_that_the_target_asks_for(target, kernel):
    model = made("nu_svr")
    model.fit(X, target[:, None])

    assert model.regressors_[0].regressor[-1].kernel == kernel


def test_support_vectors_take_the_choice_with_the_smallest_error_in_cross_validation():
    model = made("nu_svr", kernels=["rbf"], gammas=[0.5, 1.5], nus=[0.5], seed=2)
    model.fit(X, Y[:, :1])
    machine = model.regressors_[0].regressor[-1]
    folds = KFold(3, shuffle=True, random_state=2)
    rows = np.random.default_rng(2).permutation(len(X))

    errors = {}
    for c in (1.0, 10.0):
        for gamma in (0.125, 0.375):
            tried = made("nu_svr").build()
            tried.set_params(regressor__nusvr__C=c, regressor__nusvr__gamma=gamma, regressor__nusvr__nu=0.5)
            scores = cross_val_score(tried, X[rows], Y[rows, 0], cv=folds, scoring="neg_mean_absolute_error")
            errors[c, gamma] = -scores.mean()

    assert (machine.C, machine.gamma) == min(errors, key=errors.get)


def test_support_vectors_search_on_few_rows_and_fit_all():
    model = fitted("nu_svr", search_rows=20)

    machine = model.regressors_[0].regressor_[-1]
    assert machine.shape_fit_ == X.shape
    refitted = svm.NuSVR(nu=machine.nu, C=machine.C, kernel=machine.kernel, gamma=machine.gamma)
    z, target = StandardScaler().fit(X), StandardScaler().fit(Y[:, :1])
    refitted.fit(z.transform(X), target.transform(Y[:, :1])[:, 0])
    expected = target.inverse_transform(refitted.predict(z.transform(NEW))[:, None])
    np.testing.assert_allclose(model.predict(NEW), expected, rtol=1e-6)


def test_a_forest_takes_the_depth_with_the_smallest_out_of_bag_error():
    depths = [1, 2, 4, 8]
    errors = {}
    x, new, y = z_scores()
    for depth in depths:
        forest = RandomForestRegressor(100, max_depth=depth, oob_score=True, random_state=0).fit(x, y)
        errors[depth] = mean_absolute_error(y, forest.oob_prediction_)
    best = min(errors, key=errors.get)

    model = fitted("random_forest", depths=depths)

    expected = RandomForestRegressor(7, max_depth=best, random_state=0).fit(x, y).predict(new)
    np.testing.assert_allclose(model.predict(NEW)[:, 0], expected * Y[:, 0].std() + Y[:, 0].mean(), rtol=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("ard", [False, True])
def test_a_process_learns_its_kernel_from_some_rows_and_holds_all(ard):
    few, every = (fitted("gaussian_process", ard=ard, max_rows=rows) for rows in (40, None))
    process, whole = (model.regressors_[0] for model in (few, every))

    assert len(process.X_train_) == len(whole.X_train_) == 60
    assert not np.allclose(process.kernel_.theta, whole.kernel_.theta)
    assert mean_absolute_error(Y[:, 0], few.predict(X)[:, 0]) < 0.1
    same = fitted("gaussian_process", ard=ard, max_rows=60)
    np.testing.assert_array_equal(same.predict(NEW), every.predict(NEW))


def test_a_process_has_a_length_scale_for_each_input():
    scales = fitted("gaussian_process", max_rows=None).regressors_[0].kernel_.k1.k2.length_scale

    assert scales.shape == (4,)
    assert max(scales[:2]) < min(scales[2:])


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="shared/data is not here")
def test_a_process_reaches_the_measured_error_on_the_band_gaps():
    table = pd.read_csv(SHARED_DATA / "perovskite" / "perov_bandgaps_PBE.csv", encoding="utf-8-sig")
    x = table.filter(regex="^[ABX]_[A-Z]").to_numpy(dtype=float)
    y = table[["Gap"]].to_numpy(dtype=float)
    folds = StratifiedKFold(10, shuffle=True, random_state=42).split(x, pd.qcut(y[:, 0], 10, labels=False))
    errors = []
    for train, test in list(folds)[:2]:
        model = GaussianProcess(n_features=15, ard=True, restarts=0)
        model.fit(x[train], y[train])
        errors.append(mean_absolute_error(y[test], model.predict(x[test])))

    assert x.shape == (358, 15)
    np.testing.assert_allclose(
        errors, [0.1302, 0.1148], atol=0.002
    )  # of ten with mean .1217 ± .0198 eV, as scikit-learn's


@pytest.mark.parametrize("engine", ["xgboost", "sklearn"])
def test_boosting_counts_its_trees_up_to_the_smallest_error(engine):
    model = fitted(engine, max_estimators=200, lr=0.5, loss="mse")
    worse = fitted(engine, max_estimators=1, loss="mse")

    chosen = model.regressors_[0].n_estimators
    assert 1 < chosen < 200
    assert model.regressors_[0].max_depth in (1, 2)
    assert worse.regressors_[0].n_estimators == 1
    truth = np.sin(2 * NEW[:, 1]) + 0.1 * NEW[:, 0]
    assert mean_absolute_error(truth, model.predict(NEW)) < 0.6 * mean_absolute_error(truth, worse.predict(NEW))


def test_boosting_without_xgboost_is_that_of_scikit_learn():
    x, new, y = z_scores()
    model = fitted("sklearn", depths=[2], loss="mse", seed=5)
    count = model.regressors_[0].n_estimators

    expected = GradientBoostingRegressor(
        learning_rate=0.1, max_depth=2, subsample=0.7, n_estimators=count, random_state=5
    ).fit(x, y)
    expected = expected.predict(new) * Y[:, 0].std() + Y[:, 0].mean()
    np.testing.assert_allclose(model.predict(NEW)[:, 0], expected, rtol=1e-12)


def test_both_engines_give_similar_predictions():
    first, second = (fitted(engine, subsamples=[1.0], loss="mse").predict(X) for engine in ("xgboost", "sklearn"))

    assert np.corrcoef(first[:, 0], second[:, 0])[0, 1] > 0.95


def test_hparams_say_which_engine_auto_found(monkeypatch):
    pytest.importorskip("xgboost")
    assert made("sklearn", engine="auto").hparams["engine"] == "xgboost"

    monkeypatch.setitem(sys.modules, "xgboost", None)

    assert made("sklearn", engine="auto").hparams["engine"] == "sklearn"
    fitted("sklearn", engine="auto")


def test_a_missing_xgboost_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)

    with pytest.raises(ConfigurationError, match=r"remanence\[boosting\]"):
        GradientBoosting(n_features=4, engine="xgboost")


def test_another_engine_is_refused():
    with pytest.raises(ConfigurationError, match="auto, xgboost, sklearn, but got lightgbm"):
        available("lightgbm")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("nu_svr", {"kernels": ["laplace"]}),
        ("nu_svr", {"nus": [1.0]}),
        ("nu_svr", {"cs": []}),
        ("nu_svr", {"folds": 1}),
        ("gradient_boosting", {"engine": "lightgbm"}),
        ("gradient_boosting", {"subsamples": [1.5]}),
        ("gradient_boosting", {"loss": "huber"}),
        ("gaussian_process", {"max_rows": 0}),
        ("gaussian_process", {"ard": "yes"}),
        ("random_forest", {"depths": []}),
        ("lasso", {"folds": 0}),
    ],
)
def test_a_bad_option_is_refused_by_its_schema(kind, change):
    name = "sklearn" if kind == "gradient_boosting" else kind
    values = {key: value for key, value in made(name).hparams.items() if key not in ("n_features", "n_targets")}
    check = TypeAdapter(on_offer("model")[kind].schema).validate_json

    check(json.dumps(values))
    with pytest.raises(ValidationError, match=next(iter(change))):
        check(json.dumps(values | change))
