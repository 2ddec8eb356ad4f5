"""Lasso: the linear baseline that leaves inputs out."""

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LassoCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.foundation.constraints import Folds, Seed
from remanence.models.estimator import Estimator
from remanence.models.inner_folds import inner_folds


class Lasso(Estimator):
    """Least squares with a penalty on absolute weights, between z-scores.

    The penalty is the one of scikit-learn's path of a hundred with the lowest error in cross-validation inside the
    training rows.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        folds: of the cross-validation.
        seed: of the folds.
    """

    trusted = ("sklearn.model_selection._split.KFold",)

    def __init__(self, *, n_features: int, n_targets: int = 1, folds: Folds = 5, seed: Seed = 0) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, folds=folds, seed=seed)

    def build(self) -> TransformedTargetRegressor:
        """Return the unfitted regression."""
        # collinear columns, such as one-hot groups, converge slowly at the weak end of the path
        regression = make_pipeline(StandardScaler(), LassoCV(max_iter=10_000, n_jobs=1))
        return TransformedTargetRegressor(regression, transformer=StandardScaler())

    def fit(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Choose the penalty and fit, for each target on its own.

        Raises:
            ConfigurationError: if there are fewer rows than folds.
        """
        folds = inner_folds(len(x), folds=self.hparams["folds"], seed=self.hparams["seed"])
        for regressor in self.regressors_:
            regressor.set_params(regressor__lassocv__cv=folds)
        super().fit(x, y)
