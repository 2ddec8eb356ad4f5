import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from remanence.models.extra_trees import ExtraTrees
from remanence.models.forest import grow

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 3))
Y = X[:, 0] + X[:, 1] ** 2 + RANDOM.normal(0, 0.1, 30)


@pytest.mark.parametrize("arguments", [{}, {"max_depth": 3, "min_samples_leaf": 2}])
@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_a_forest_is_left_as_its_own_fit_leaves_it(kind, arguments):
    expected = kind(n_estimators=9, random_state=5, **arguments).fit(X, Y)
    grown = kind(n_estimators=9, random_state=5, **arguments)

    grow(grown, X, Y)

    assert grown.get_params() == expected.get_params()
    assert vars(grown).keys() == vars(expected).keys()
    for ours, theirs in zip(grown.estimators_, expected.estimators_, strict=True):
        assert ours.get_params() == theirs.get_params()
        assert vars(ours).keys() == vars(theirs).keys()
        for key in ("feature", "threshold", "value", "n_node_samples", "impurity"):
            np.testing.assert_array_equal(getattr(ours.tree_, key), getattr(theirs.tree_, key))


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_trees_are_grown_without_the_forest_s_own_loop(kind, monkeypatch):
    copies = []
    monkeypatch.setattr(
        kind, "_make_estimator", lambda *_, make=kind._make_estimator, **k: copies.append(1) or make(*_, **k)
    )

    grow(kind(n_estimators=9, random_state=5), X, Y)

    assert len(copies) == 1


def test_a_wrong_argument_is_refused_as_scikit_learn_refuses_it():
    with pytest.raises(ValueError, match="max_depth"):
        ExtraTrees(n_features=3, max_depth=0).fit(X, Y[:, None])


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_an_input_that_is_not_finite_is_refused(value):
    model = ExtraTrees(n_features=3, n_estimators=3)
    model.fit(X, Y[:, None])

    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.predict(np.full((1, 3), value))
