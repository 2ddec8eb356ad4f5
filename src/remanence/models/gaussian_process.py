"""Gaussian process, the baseline for a handful of samples."""

from typing import Annotated

import numpy as np
from pydantic import Field
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Kernel, Matern, WhiteKernel

from remanence.foundation.constraints import Index, Positive, Seed
from remanence.models.estimator import Estimator, Values
from remanence.science.marginal_likelihood import most_likely
from remanence.science.row_weights import MODEL_ERROR

JITTER = 1e-10
"""Variance on the diagonal that scikit-learn adds for the sake of rounding."""


class GaussianProcess(Estimator):
    """Gaussian process between z-scores with a Matérn 5/2 kernel and noise.

    The hyperparameters maximise the marginal likelihood. Where rows have weights, the noise of a row is larger by what
    its uncertainty adds to that of the best known rows.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        ard: whether each input has a length scale of its own (automatic relevance determination).
        restarts: number of further starting points for maximising the likelihood.
        max_rows: largest number of rows, drawn at random, whose likelihood is maximised; the process with these
            hyperparameters is then fitted to all rows. None takes all.
        clip: see ``Estimator``.
        seed: seed of the starting points and of the drawn rows.
    """

    trusted = tuple(
        f"sklearn.gaussian_process.kernels.{name}"
        for name in ("ConstantKernel", "Matern", "Product", "Sum", "WhiteKernel")
    )

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        ard: bool = False,
        restarts: Index = 1,
        max_rows: Annotated[int, Field(ge=2)] | None = None,
        clip: Positive | None = None,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            ard=ard,
            restarts=restarts,
            max_rows=max_rows,
            clip=clip,
            seed=seed,
        )

    def build(self) -> GaussianProcessRegressor:
        """Return the unfitted process."""
        kernel = ConstantKernel(1.0, (1e-3, 1e4)) * Matern(2.0, (1e-2, 1e4), nu=2.5) + WhiteKernel(0.1, (1e-6, 1e1))
        return GaussianProcessRegressor(
            kernel, n_restarts_optimizer=self.hparams["restarts"], random_state=self.hparams["seed"]
        )

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Maximise the likelihood and fit, separately for each target."""
        drawn = np.random.default_rng(self.hparams["seed"]).permutation(len(x))[: self.hparams["max_rows"]]
        rows = np.sort(drawn)
        self.regressors_ = []
        for column, target in enumerate(y.T):
            process, noise = self.build(), self._noise(column, len(x))
            if self.hparams["ard"]:
                process.set_params(kernel=self._relevance(x[rows], target[rows]), optimizer=None)
            elif len(rows) < len(x):
                few = _noisy(self.build(), noise[rows]).fit(x[rows], target[rows])
                process.set_params(kernel=few.kernel_, optimizer=None)
            self.regressors_.append(_noisy(process, noise).fit(x, target))

    def spread_scaled(self, x: Values) -> Values:
        """Return the standard deviation of the posterior with noise (rows, n_targets), as z-scores."""
        return np.stack([_posterior_spread(process, x) for process in self.regressors_], axis=1)

    def _noise(self, column: int, rows: int) -> Values:
        """Return the variance (rows,) of the z-score of each row beyond that of the row of the largest weight."""
        if self._weights is None:
            return np.full(rows, JITTER)
        weights = self._weights[:, column]
        beyond: Values = MODEL_ERROR**2 * (weights.max() / weights - 1)
        return JITTER + beyond

    def _relevance(self, x: Values, target: Values) -> Kernel:
        learnt = most_likely(x, target, restarts=self.hparams["restarts"], seed=self.hparams["seed"])
        return ConstantKernel(learnt.amplitude) * Matern(learnt.length_scales, nu=2.5) + WhiteKernel(learnt.noise)


def _posterior_spread(process: GaussianProcessRegressor, x: Values) -> Values:
    _, spread = process.predict(x, return_std=True)
    return np.asarray(spread)


def _noisy(process: GaussianProcessRegressor, noise: Values) -> GaussianProcessRegressor:
    """Give the rows (rows,) that a process will be fitted to their variances; equal ones need no list."""
    alike = bool((noise == noise[0]).all())
    return process.set_params(alpha=float(noise[0]) if alike else noise)
