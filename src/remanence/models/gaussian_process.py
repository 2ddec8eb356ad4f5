"""Gaussian process, the baseline for a handful of samples."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.compose import TransformedTargetRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Kernel, Matern, WhiteKernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.foundation.constraints import Index, Seed
from remanence.models.estimator import Estimator
from remanence.science.marginal_likelihood import most_likely

Values = NDArray[np.float64]


class GaussianProcess(Estimator):
    """Gaussian process between z-scores with a Matérn 5/2 kernel and noise.

    The hyperparameters maximise the marginal likelihood.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        ard: whether each input has a length scale of its own (automatic relevance determination).
        restarts: number of further starting points for maximising the likelihood.
        max_rows: largest number of rows, drawn at random, whose likelihood is maximised; the process with these
            hyperparameters is then fitted to all rows. None takes all.
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
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features, n_targets=n_targets, ard=ard, restarts=restarts, max_rows=max_rows, seed=seed
        )

    def build(self) -> TransformedTargetRegressor:
        """Return the unfitted process."""
        kernel = ConstantKernel(1.0, (1e-3, 1e4)) * Matern(2.0, (1e-2, 1e4), nu=2.5) + WhiteKernel(0.1, (1e-6, 1e1))
        process = GaussianProcessRegressor(
            kernel, n_restarts_optimizer=self.hparams["restarts"], random_state=self.hparams["seed"]
        )
        return TransformedTargetRegressor(make_pipeline(StandardScaler(), process), transformer=StandardScaler())

    def fit(self, x: Values, y: Values) -> None:
        """Maximise the likelihood and fit, separately for each target."""
        drawn = np.random.default_rng(self.hparams["seed"]).permutation(len(x))[: self.hparams["max_rows"]]
        rows = np.sort(drawn)
        self.regressors_ = []
        for target in y.T:
            regressor = self.build()
            if self.hparams["ard"]:
                _hold(regressor, self._relevance(x[rows], target[rows]))
            elif len(rows) < len(x):
                _hold(regressor, self.build().fit(x[rows], target[rows]).regressor_[-1].kernel_)
            self.regressors_.append(regressor.fit(x, target))

    def _relevance(self, x: Values, target: Values) -> Kernel:
        inputs, output = (StandardScaler().fit_transform(values) for values in (x, target[:, None]))
        learnt = most_likely(inputs, output[:, 0], restarts=self.hparams["restarts"], seed=self.hparams["seed"])
        return ConstantKernel(learnt.amplitude) * Matern(learnt.length_scales, nu=2.5) + WhiteKernel(learnt.noise)


def _hold(regressor: TransformedTargetRegressor, kernel: Kernel) -> None:
    regressor.regressor[-1].set_params(kernel=kernel, optimizer=None)
