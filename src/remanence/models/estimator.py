"""Models without a training loop: a scikit-learn estimator behind the same two methods as a network."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Estimator(ABC):
    """A baseline on tables, in physical units.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        **arguments: plain values that ``build`` needs; kept so that a saved model can be rebuilt.
    """

    def __init__(self, *, n_features: int, n_targets: int = 1, **arguments: Any) -> None:
        self.hparams = {"n_features": n_features, "n_targets": n_targets, **arguments}
        self.estimator_ = self.build()

    @abstractmethod
    def build(self) -> Any:
        """Return the unfitted scikit-learn estimator; scaling belongs to it."""

    def fit(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit to inputs (rows, n_features) and targets (rows, n_targets)."""
        self.estimator_.fit(x, y[:, 0] if y.shape[1] == 1 else y)

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict targets (rows, n_targets)."""
        return np.asarray(self.estimator_.predict(x), dtype=np.float64).reshape(len(x), -1)
