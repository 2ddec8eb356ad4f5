import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from remanence.models.inner_folds import inner_folds
from remanence.models.nu_svr import ITERATIONS, NuSVR

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3))
Y = np.stack([np.sin(2 * X[:, 0]) + 0.1 * RANDOM.normal(size=50), X[:, 1] + RANDOM.normal(size=50)], axis=1)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_it_chooses_is_what_grid_searches_choose():
    model = NuSVR(n_features=3, n_targets=2, search_rows=24, folds=2, kernels=["rbf", "linear"])
    model.fit_scaled(X, Y)

    rows = np.random.default_rng(0).permutation(50)[:24]
    for regressor, target in zip(model.regressors_, Y.T, strict=True):
        chosen = model.build()
        kernels = [{f"regressor__nusvr__{key}": value for key, value in grid.items()} for grid in model._kernels()]
        for grid in (kernels, {"regressor__nusvr__nu": [0.25, 0.5, 0.75]}):
            search = GridSearchCV(
                chosen, grid, cv=inner_folds(24, folds=2, seed=0), scoring="neg_mean_absolute_error", refit=False
            )
            chosen.set_params(**search.fit(X[rows], target[rows]).best_params_)
        chosen.set_params(regressor__nusvr__max_iter=ITERATIONS).fit(X, target)
        assert repr(regressor) == repr(chosen)
        np.testing.assert_array_equal(regressor.predict(X), chosen.predict(X))
