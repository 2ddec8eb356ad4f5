"""Ordinary least squares: what a network has to beat first."""

from sklearn.linear_model import LinearRegression

from remanence.models.estimator import Estimator


class Linear(Estimator):
    """Linear regression with an intercept."""

    def build(self) -> LinearRegression:
        """Return the unfitted regression."""
        return LinearRegression()
