"""A fitted Gaussian process as a network layer, whose mean is smooth and differentiable."""

from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.foundation.threads import one_blas_thread, one_thread
from remanence.models.standardizer import Standardizer
from remanence.science.marginal_likelihood import JITTER, most_likely

Values = NDArray[np.float64]

LIKELIHOOD_ROWS = 800
"""Largest number of rows, drawn once, whose likelihood is maximised.

The cost grows with the cube of the rows, and the length scales need no more rows.
"""


class GaussianHead(nn.Module):
    """Posterior mean of a Gaussian process with a Matérn 5/2 kernel and one length scale for each input.

    All that a prediction needs is kept in buffers, so that a saved head holds numbers only.

    Args:
        n_features: number of inputs.
        n_rows: number of rows that the process is fitted to.
    """

    inputs: Tensor
    dual: Tensor
    length_scale: Tensor
    amplitude: Tensor

    def __init__(self, *, n_features: int, n_rows: int) -> None:
        super().__init__()
        self.hparams = {"n_features": n_features, "n_rows": n_rows}
        self.input_scaler, self.target_scaler = Standardizer(n_features).double(), Standardizer(1).double()
        self.register_buffer("inputs", torch.zeros(n_rows, n_features, dtype=torch.float64))
        self.register_buffer("dual", torch.zeros(n_rows, dtype=torch.float64))
        self.register_buffer("length_scale", torch.ones(n_features, dtype=torch.float64))
        self.register_buffer("amplitude", torch.ones((), dtype=torch.float64))
        self.left_out_: Values = np.empty(0)
        """Prediction of each row from all other rows or units, shape (rows,); empty before ``fit``."""

    def fit(self, x: Values, y: Values, units: NDArray[np.intp] | None = None) -> Self:
        """Fit to inputs (n_rows, n_features) and one target (n_rows,).

        The hyperparameters maximise the marginal likelihood.

        Args:
            x: inputs.
            y: target.
            units: rows of one number are left out together, as a family is, shape (n_rows,); None: one by one.
        """
        self.input_scaler.fit(torch.as_tensor(x))
        self.target_scaler.fit(torch.as_tensor(y)[:, None])
        z, target = self.input_scaler(torch.as_tensor(x)), self.target_scaler(torch.as_tensor(y)[:, None])[:, 0]
        drawn = np.sort(np.random.default_rng(0).permutation(len(z))[:LIKELIHOOD_ROWS])
        with one_thread(), one_blas_thread():
            learnt = most_likely(z[drawn].numpy(), target[drawn].numpy())
        self.inputs.copy_(z)
        self.length_scale.copy_(torch.as_tensor(learnt.length_scales))
        self.amplitude.fill_(learnt.amplitude)
        covariance = self._kernel(z) + (learnt.noise + JITTER) * torch.eye(len(z), dtype=torch.float64)
        factor = torch.linalg.cholesky(covariance)
        self.dual.copy_(torch.cholesky_solve(target[:, None], factor)[:, 0])
        # a Gaussian process predicts left-out rows without a second fit: Rasmussen & Williams 2006, eq. 5.12
        inverse = torch.cholesky_inverse(factor)
        if units is None:
            left_out = target - self.dual / inverse.diagonal()
        else:  # the same of several rows at once
            left_out = target.clone()
            for unit in np.unique(units):
                own = torch.as_tensor(np.flatnonzero(units == unit))
                left_out[own] -= torch.linalg.solve(inverse[own][:, own], self.dual[own])
        self.left_out_ = self.target_scaler.inverse(left_out[:, None])[:, 0].numpy()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean (rows,) at x (rows, n_features), both in physical units."""
        kernel = self._kernel(self.input_scaler(x.double()))
        mean: Tensor = self.target_scaler.inverse((kernel @ self.dual)[:, None])[:, 0]
        return mean

    def _kernel(self, z: Tensor) -> Tensor:
        """Return the covariance (rows, n_rows) of z-scores ``z`` with the fitted rows."""
        # squared distances from the matrix product, whose gradient stays finite where rows coincide
        scaled, known = z / self.length_scale, self.inputs / self.length_scale
        squared = scaled.square().sum(1)[:, None] + known.square().sum(1) - 2 * scaled @ known.T
        distance = (5 * squared.clamp(min=1e-12)).sqrt()
        return self.amplitude * (1 + distance + distance.square() / 3) * torch.exp(-distance)
