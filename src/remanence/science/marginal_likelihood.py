"""Marginal likelihood of a Gaussian process with one length scale per input, and its maximum.

The gradient of scikit-learn needs an array of rows × rows × inputs at every step. The matrix products here need rows
× rows, and a twentieth of the time on hundreds of rows and tens of inputs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.optimize import minimize

Values = NDArray[np.float64]

AMPLITUDES = (1e-5, 1e5)
LENGTH_SCALES = (1e-2, 1e3)
NOISES = (1e-6, 1.0)
START = {"amplitude": 1.0, "length_scale": 1.0, "noise": 1e-2}
JITTER = 1e-10  # the value of scikit-learn


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters of a Matérn 5/2 kernel with noise, for inputs and targets as z-scores."""

    amplitude: float
    """Variance of the function."""
    length_scales: Values
    """Length scale of each input, shape (inputs,); the larger it is, the less the function depends on the input."""
    noise: float
    """Variance of the noise."""


class NegativeLogLikelihood:
    """The negative log marginal likelihood of some rows, and its gradient.

    A search asks for it hundreds of times. All arrays of rows × rows are written into the same memory: new ones would
    take as long again to be given by the system as to be computed.

    Args:
        x: inputs, shape (rows, inputs).
        y: targets of mean zero, shape (rows,).

    Source: Rasmussen, Williams, Gaussian Processes for Machine Learning, 2006, eq. 5.8 and 5.9, with eq. 4.17.
    """

    def __init__(self, x: Values, y: Values) -> None:
        self.x, self.y = x, y
        square = (len(x), len(x))
        self.squared, self.distance, self.decay, self.kernel, self.weight, self.work = (
            np.empty(square) for _ in "012345"
        )
        self.factor = np.empty(square, order="F")

    def __call__(self, theta: Values) -> tuple[float, Values]:
        """Return the negative log marginal likelihood and its gradient.

        Args:
            theta: logarithms of amplitude, length scales and noise, shape (inputs + 2,).

        Returns:
            value and gradient (inputs + 2,); infinity and zeros if the covariance is not positive definite.
        """
        rows, y = len(self.x), self.y
        amplitude, noise = np.exp(theta[0]), np.exp(theta[-1])
        z = self.x / np.exp(theta[1:-1])
        self._write_kernel(z, amplitude)
        kernel, decay, weight, work = self.kernel, self.decay, self.weight, self.work
        np.copyto(self.factor, kernel)
        self.factor.ravel("K")[:: rows + 1] += noise + JITTER
        factor, failed = lapack.dpotrf(self.factor, lower=1, overwrite_a=1)
        if failed:
            return np.inf, np.zeros_like(theta)
        dual, _ = lapack.dpotrs(factor, y, lower=1)
        value = 0.5 * y @ dual + np.log(np.diag(factor)).sum() + 0.5 * rows * np.log(2 * np.pi)

        lower, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)  # above its diagonal are zeros
        np.add(lower, lower.T, out=work)
        work.ravel()[:: rows + 1] = np.diag(lower)
        np.multiply(dual[:, None], dual, out=weight)
        weight -= work
        # gradient by each length scale: squared distances along one input, summed over pairs of rows by products of
        # (rows, rows) with (rows, inputs)
        np.multiply(weight, kernel, out=work)
        by_amplitude = work.sum()
        pairs = np.multiply(weight, 5 / 3, out=work)
        pairs *= decay
        pairs *= self.distance  # 1 more than the distance
        along = pairs.sum(axis=1) @ np.square(z) - (z * (pairs @ z)).sum(axis=0)
        gradient = np.concatenate([[0.5 * by_amplitude], along, [0.5 * noise * np.trace(weight)]])
        return float(value), -gradient

    def _write_kernel(self, z: Values, amplitude: float) -> None:
        """Write the kernel of scaled inputs z (rows, inputs), what it is made of, and 1 + distance as the distance."""
        squared, distance, decay = self.squared, self.distance, self.decay
        norms = np.square(z).sum(axis=1)
        np.matmul(2 * z, z.T, out=self.work)
        np.add(norms[:, None], norms, out=squared)
        squared -= self.work
        np.maximum(squared, 0.0, out=squared)
        np.fill_diagonal(squared, 0.0)
        np.multiply(squared, 5, out=distance)
        np.sqrt(distance, out=distance)
        np.negative(distance, out=decay)
        np.exp(decay, out=decay)
        decay *= amplitude
        distance += 1
        squared *= 5 / 3
        np.add(distance, squared, out=self.kernel)
        self.kernel *= decay


def most_likely(x: Values, y: Values, *, restarts: int = 0, seed: int = 0) -> Hyperparameters:
    """Return the hyperparameters with the largest marginal likelihood that L-BFGS-B finds within bounds.

    Args:
        x: inputs, shape (rows, inputs), each with mean 0 and standard deviation 1.
        y: targets, shape (rows,), with mean 0 and standard deviation 1.
        restarts: number of further starting points, drawn log-uniformly between the bounds.
        seed: seed of the drawn starting points.
    """
    inputs = x.shape[1]
    bounds = np.log([AMPLITUDES, *[LENGTH_SCALES] * inputs, NOISES])
    start = np.log([START["amplitude"], *[START["length_scale"]] * inputs, START["noise"]])
    drawn = np.random.default_rng(seed).uniform(bounds[:, 0], bounds[:, 1], (restarts, inputs + 2))
    likelihood = NegativeLogLikelihood(x, y)
    found = [minimize(likelihood, point, jac=True, bounds=bounds, method="L-BFGS-B") for point in (start, *drawn)]
    best = np.exp(min(found, key=lambda result: result.fun).x)
    return Hyperparameters(amplitude=float(best[0]), length_scales=best[1:-1], noise=float(best[-1]))
