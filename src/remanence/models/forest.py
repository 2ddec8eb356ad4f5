"""Base class of random forests and extremely randomised trees."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.ensemble._forest import ForestRegressor

from remanence.foundation.constraints import Count, Parts, Seed
from remanence.models.estimator import Estimator, Regressor, Values
from remanence.models.inner_folds import held_out_error
from remanence.models.row_scaling import rounded

SEARCH_TREES = 30  # enough to rank shares; a hundred take three times as long
SEARCH_FOLDS = 3


class Forest(Estimator):
    """Mean of regression trees.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        n_estimators: number of trees.
        max_depth: largest depth of each tree; None grows the trees until their leaves are pure.
        min_samples_leaf: least number of rows in a leaf.
        shares: shares of the inputs that a split may choose from, of which the one with the smallest error in a
            cross-validation inside the training rows is taken; None lets every split choose from all inputs.
        seed: seed of bootstrap and feature sampling, and of the folds.
    """

    trusted = ("sklearn.tree._tree.Tree",)
    regressor: ClassVar[Callable[..., Regressor]]
    """Scikit-learn class of the forest of one target."""

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        n_estimators: Count = 300,
        max_depth: Count | None = None,
        min_samples_leaf: Count = 1,
        shares: Parts | None = None,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            n_estimators=n_estimators,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            seed=seed,
        )
        if shares is not None:  # models of earlier releases have no such argument
            self.hparams["shares"] = list(shares)

    def build(self) -> Regressor:
        """Return the unfitted trees."""
        return self.regressor(
            n_estimators=self.hparams["n_estimators"],
            max_depth=self.hparams["max_depth"],
            min_samples_leaf=self.hparams["min_samples_leaf"],
            random_state=self.hparams["seed"],
        )

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose the share of the inputs if ``shares`` are given, and fit, separately for each target."""
        targets = rounded(y)
        if shares := self.hparams.get("shares"):
            for forest, target in zip(self.regressors_, targets.T, strict=True):
                few = clone(forest).set_params(n_estimators=SEARCH_TREES)
                choices = [{"max_features": float(share)} for share in shares]
                errors = held_out_error(few, choices, x, target, folds=SEARCH_FOLDS, seed=self.hparams["seed"])
                forest.set_params(**choices[int(np.argmin(errors))])
        super().fit_scaled(x, targets)

    def spread_scaled(self, x: Values) -> Values:
        """Return the standard deviation over trees (rows, n_targets) of predicted z-scores."""
        return np.stack([_over_trees(forest, x) for forest in self.regressors_], axis=1)

    def draws(self, x: Values) -> Values:
        """Return what every tree predicts, shape (trees, rows, n_targets), in the targets' units."""
        scaling = self.scaling_
        assert scaling is not None, "the forest is not fitted"
        z = scaling.inputs(x)
        return scaling.predictions(np.stack([_of_trees(forest, z) for forest in self.regressors_], axis=2))


def _over_trees(forest: ForestRegressor, x: Values) -> Values:
    spread: Values = _of_trees(forest, x).std(axis=0)
    return spread


def _of_trees(forest: ForestRegressor, x: Values) -> Values:
    """Return what each tree predicts, shape (trees, rows); a tree takes inputs of single precision."""
    inputs = np.ascontiguousarray(x, dtype=np.float32)
    return np.stack([tree.tree_.predict(inputs)[:, 0] for tree in forest.estimators_])
