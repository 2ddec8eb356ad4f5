"""Random forest, a baseline that is hard to beat on small tables of materials."""

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor

from remanence.foundation.constraints import Count, Counts, Parts, Seed
from remanence.models.estimator import Values
from remanence.models.forest import Forest

SEARCH_TREES = 100


class RandomForest(Forest):
    """Mean of regression trees on resampled rows.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        n_estimators: number of trees.
        max_depth: largest depth of each tree; None grows the trees until their leaves are pure.
        min_samples_leaf: least number of rows in a leaf.
        depths: values to choose ``max_depth`` from, by the mean absolute out-of-bag error of a forest of a hundred
            trees, which needs no folds; None takes ``max_depth`` as given.
        shares: shares of the inputs that a split may choose from, see ``Forest``.
        seed: seed of bootstrap and feature sampling.
    """

    regressor = RandomForestRegressor

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        n_estimators: Count = 300,
        max_depth: Count | None = None,
        min_samples_leaf: Count = 1,
        depths: Counts | None = None,
        shares: Parts | None = None,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            n_estimators=n_estimators,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            shares=shares,
            seed=seed,
        )
        self.hparams["depths"] = None if depths is None else list(depths)

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose the depth if ``depths`` are given, and fit, separately for each target."""
        if self.hparams["depths"] is not None:
            for regressor, target in zip(self.regressors_, y.T, strict=True):
                regressor.set_params(max_depth=self._depth(regressor, x, target))
        super().fit_scaled(x, y)

    def _depth(self, forest: RandomForestRegressor, x: Values, target: Values) -> int:
        tried = clone(forest).set_params(n_estimators=SEARCH_TREES, oob_score=True)

        def error(depth: int) -> float:
            tried.set_params(max_depth=depth).fit(x, target)
            return float(np.abs(tried.oob_prediction_ - target).mean())

        return int(min(self.hparams["depths"], key=error))
