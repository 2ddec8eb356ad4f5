"""Lasso, the linear baseline that gives some inputs the weight 0."""

from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LassoCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.foundation.constraints import Folds, Seed
from remanence.models.estimator import Estimator, Values
from remanence.models.inner_folds import inner_folds


class Lasso(Estimator):
    """Least squares between z-scores, with a penalty on the absolute weights.

    Of the hundred penalties on scikit-learn's path, the one with the lowest error in a cross-validation inside the
    training rows is chosen.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        folds: number of folds of the cross-validation.
        seed: seed of the folds.
    """

    trusted = ("sklearn.model_selection._split.KFold",)

    def __init__(self, *, n_features: int, n_targets: int = 1, folds: Folds = 5, seed: Seed = 0) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, folds=folds, seed=seed)

    def build(self) -> TransformedTargetRegressor:
        """Return the unfitted regression."""
        # collinear columns, such as one-hot groups, converge slowly at the weak end of the path
        regression = make_pipeline(StandardScaler(), LassoCV(max_iter=10_000, n_jobs=1))
        return TransformedTargetRegressor(regression, transformer=StandardScaler())

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose the penalty and fit, separately for each target.

        Raises:
            ConfigurationError: if there are fewer rows than folds.
        """
        folds = inner_folds(len(x), folds=self.hparams["folds"], seed=self.hparams["seed"])
        for regressor in self.regressors_:
            regressor.set_params(regressor__lassocv__cv=folds)
        super().fit_scaled(x, y)
