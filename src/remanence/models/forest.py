"""What random forests and extremely randomised trees share."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.utils import check_array, check_random_state

from remanence.models.estimator import Estimator, Regressor


class Forest(Estimator):
    """Averaged regression trees.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        n_estimators: number of trees.
        max_depth: of each tree; None grows them until the leaves are pure.
        min_samples_leaf: rows that a leaf needs.
        seed: of bootstrap and feature sampling.
    """

    trusted = ("sklearn.tree._tree.Tree",)
    regressor: ClassVar[Callable[..., Regressor]]
    """Class of the trees of one target."""

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        n_estimators: int = 300,
        max_depth: int | None = None,
        min_samples_leaf: int = 1,
        seed: int = 0,
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

    def fit(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit to inputs (rows, n_features) and targets (rows, n_targets)."""
        for forest, target in zip(self.regressors_, y.T, strict=True):
            grow(forest, x, target)

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict targets (rows, n_targets), as scikit-learn's forests do in seven times the time on a small table.

        Raises:
            ValueError: if an input is not finite, also as a number of 32 bits.
        """
        rows = check_array(x, dtype=np.float32)
        predicted = np.zeros((len(rows), len(self.regressors_)))
        for column, forest in enumerate(self.regressors_):
            for tree in forest.estimators_:
                predicted[:, column] += tree.tree_.predict(rows)[:, 0]
            predicted[:, column] /= len(forest.estimators_)
        return predicted


def grow(forest: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Fit a forest of scikit-learn with the trees that its own ``fit`` grows.

    On a small table ``fit`` spends two thirds of its time on copies of the arguments and on new random generators.

    Args:
        forest: of regression trees, without ``warm_start``, ``oob_score`` and ``max_samples``.
        x: shape (rows, features).
        y: shape (rows,).
    """
    number, seeds = forest.n_estimators, check_random_state(forest.random_state)
    forest.set_params(n_estimators=1).fit(x, y)  # checks the arguments, and learns the names and numbers of columns
    forest.set_params(n_estimators=number)
    (first,) = forest.estimators_
    rows, target = check_array(x, dtype=np.float32), np.ascontiguousarray(y, dtype=np.float64)[:, None]
    arguments, forest.estimators_ = first.get_params(), []
    state = np.random.RandomState()  # made once: that takes as long as a tree, sixty times as long as seeding it
    with config_context(skip_parameter_validation=True):  # all trees have the arguments of the first
        for _ in range(number):
            seed = seeds.randint(np.iinfo(np.int32).max)
            drawn = None
            if forest.bootstrap:
                state.seed(seed)
                drawn = np.bincount(state.randint(0, len(rows), len(rows)), minlength=len(rows))
            state.seed(seed)
            tree = type(first)(**{**arguments, "random_state": state})
            tree.fit(rows, target, sample_weight=drawn, check_input=False)
            tree.random_state = seed
            forest.estimators_.append(tree)
