import numpy as np
import pytest
from small_training import KFOLD, open_data
from threadpoolctl import threadpool_info

from remanence.models.linear import Linear
from remanence.models.random_forest import RandomForest
from remanence.training.fit import fit


@pytest.fixture(scope="module")
def data():
    return open_data()


@pytest.mark.parametrize("model", [Linear(n_features=2, n_targets=2), RandomForest(n_features=2, n_targets=2)])
def test_an_estimator_is_fitted_to_all_rows_outside_the_test_without_a_trainer(data, model):
    rows = data.fold.fitting
    assert sorted([*data.fold.train, *data.fold.validation]) == rows.tolist()
    alone = type(model)(**model.hparams)
    alone.fit(data.x[rows], data.y[rows])

    fitted = fit(model, data)

    np.testing.assert_array_equal(fitted.model.predict(data.x), alone.predict(data.x))
    (fold,) = fitted.folds
    for part, expected in (("train", rows), ("test", data.fold.test)):
        np.testing.assert_array_equal(fold.predicted[part][0], expected)
        np.testing.assert_array_equal(fold.predicted[part][1], alone.predict(data.x[expected]))


@pytest.mark.parametrize("model", [Linear(n_features=2, n_targets=2), RandomForest(n_features=2, n_targets=2)])
def test_validation_rows_are_predicted_by_an_estimator_that_has_not_seen_them(data, model):
    alone = type(model)(**model.hparams)
    alone.fit(*data.part("train"))

    rows, predicted = fit(model, data).folds[0].predicted["val"]

    np.testing.assert_array_equal(rows, data.fold.validation)
    np.testing.assert_array_equal(predicted, alone.predict(data.x[rows]))


def test_with_several_folds_an_estimator_is_fitted_to_each_and_kept_from_all_rows():
    data = open_data(split=KFOLD)
    model = RandomForest(n_features=2, n_targets=2, n_estimators=5)

    fitted = fit(model, data)

    for fold, result in zip(data.folds, fitted.folds, strict=True):
        alone = type(model)(**model.hparams)
        alone.fit(data.x[fold.fitting], data.y[fold.fitting])
        np.testing.assert_array_equal(result.predicted["test"][0], fold.test)
        np.testing.assert_array_equal(result.predicted["test"][1], alone.predict(data.x[fold.test]))
        assert "val" not in result.predicted
    alone = type(model)(**model.hparams)
    alone.fit(data.x, data.y)
    np.testing.assert_array_equal(fitted.model.predict(data.x), alone.predict(data.x))


def test_the_given_estimator_stays_unfitted(data):
    model = Linear(n_features=2, n_targets=2)

    fit(model, data)

    assert not hasattr(model.regressors_[0], "coef_")


@pytest.mark.parametrize(("most", "expected"), [(10**6, {1}), (0, None)])
def test_matrices_of_a_small_table_are_not_shared_among_threads(data, most, expected, monkeypatch):
    monkeypatch.setattr("remanence.training.fit.SMALL", most)

    class Counting(Linear):
        def fit(self, x, y):
            super().fit(x, y)
            seen.append(threads())

    def threads():
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    seen: list[set[int]] = []
    fit(Counting(n_features=2, n_targets=2), data)

    assert seen
    assert all(each == (expected or threads()) for each in seen)
