"""Base class of random forests and extremely randomised trees."""

from collections.abc import Callable
from typing import ClassVar

from remanence.foundation.constraints import Count, Seed
from remanence.models.estimator import Estimator, Regressor


class Forest(Estimator):
    """Mean of regression trees.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        n_estimators: number of trees.
        max_depth: largest depth of each tree; None grows the trees until their leaves are pure.
        min_samples_leaf: least number of rows in a leaf.
        seed: seed of bootstrap and feature sampling.
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

    def build(self) -> Regressor:
        """Return the unfitted trees."""
        return self.regressor(
            n_estimators=self.hparams["n_estimators"],
            max_depth=self.hparams["max_depth"],
            min_samples_leaf=self.hparams["min_samples_leaf"],
            random_state=self.hparams["seed"],
        )
