"""Ordinary least squares, the first baseline that a network has to beat."""

from sklearn.linear_model import LinearRegression

from remanence.foundation.constraints import Positive
from remanence.models.estimator import Estimator


class Linear(Estimator):
    """Linear regression with an intercept.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        clip: see ``Estimator``.
    """

    def __init__(self, *, n_features: int, n_targets: int = 1, clip: Positive | None = None) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, clip=clip)

    def build(self) -> LinearRegression:
        """Return the unfitted regression."""
        return LinearRegression()
