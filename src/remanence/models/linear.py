"""Ordinary least squares, the first baseline that a network has to beat."""

from sklearn.linear_model import LinearRegression

from remanence.models.estimator import Estimator


class Linear(Estimator):
    """Linear regression with an intercept."""

    def build(self) -> LinearRegression:
        """Return the unfitted regression."""
        return LinearRegression()
