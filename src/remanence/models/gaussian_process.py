"""Gaussian process: the baseline for a handful of samples."""

from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.models.estimator import Estimator


class GaussianProcess(Estimator):
    """Matérn 5/2 kernel with noise, hyperparameters by marginal likelihood, between z-scores.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        restarts: further starting points of the likelihood's maximisation.
        seed: of the starting points.
    """

    def __init__(self, *, n_features: int, n_targets: int = 1, restarts: int = 1, seed: int = 0) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, restarts=restarts, seed=seed)

    def build(self) -> Any:
        """Return the unfitted process."""
        kernel = ConstantKernel(1.0, (1e-3, 1e4)) * Matern(2.0, (1e-2, 1e4), nu=2.5) + WhiteKernel(0.1, (1e-6, 1e1))
        process = GaussianProcessRegressor(
            kernel, n_restarts_optimizer=self.hparams["restarts"], random_state=self.hparams["seed"]
        )
        return TransformedTargetRegressor(make_pipeline(StandardScaler(), process), transformer=StandardScaler())
