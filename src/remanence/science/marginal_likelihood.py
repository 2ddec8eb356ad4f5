"""Marginal likelihood of a Gaussian process with one length scale per input, and its maximum.

The gradient of scikit-learn needs an array of rows × rows × inputs at every step. The matrix products here need rows
× rows, and a twentieth of the time on hundreds of rows and tens of inputs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack
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


def negative_log_likelihood(theta: Values, x: Values, y: Values) -> tuple[float, Values]:
    """Return the negative log marginal likelihood and its gradient.

    Args:
        theta: logarithms of amplitude, length scales and noise, shape (inputs + 2,).
        x: inputs, shape (rows, inputs).
        y: targets of mean zero, shape (rows,).

    Returns:
        value and gradient (inputs + 2,); infinity and zeros if the covariance is not positive definite.

    Source: Rasmussen, Williams, Gaussian Processes for Machine Learning, 2006, eq. 5.8 and 5.9, with eq. 4.17.
    """
    rows = len(x)
    amplitude, noise = np.exp(theta[0]), np.exp(theta[-1])
    z = x / np.exp(theta[1:-1])
    norms = np.square(z).sum(axis=1)
    squared = np.maximum(norms[:, None] + norms - 2 * z @ z.T, 0.0)
    np.fill_diagonal(squared, 0.0)
    distance = np.sqrt(5 * squared)
    decay = amplitude * np.exp(-distance)
    kernel = decay * (1 + distance + 5 / 3 * squared)
    covariance = kernel + (noise + JITTER) * np.eye(rows)
    factor, failed = lapack.dpotrf(covariance, lower=1)
    if failed:
        return np.inf, np.zeros_like(theta)
    dual = cho_solve((factor, True), y)
    value = 0.5 * y @ dual + np.log(np.diag(factor)).sum() + 0.5 * rows * np.log(2 * np.pi)

    lower, _ = lapack.dpotri(factor, lower=1)
    inverse = np.tril(lower) + np.tril(lower, -1).T
    weight = np.outer(dual, dual) - inverse
    # gradient by each length scale: squared distances along one input, summed over pairs of rows by products of
    # (rows, rows) with (rows, inputs)
    pairs = weight * (5 / 3) * decay * (1 + distance)
    along = pairs.sum(axis=1) @ np.square(z) - (z * (pairs @ z)).sum(axis=0)
    gradient = np.concatenate([[0.5 * (weight * kernel).sum()], along, [0.5 * noise * np.trace(weight)]])
    return float(value), -gradient


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
    found = [
        minimize(negative_log_likelihood, point, args=(x, y), jac=True, bounds=bounds, method="L-BFGS-B")
        for point in (start, *drawn)
    ]
    best = np.exp(min(found, key=lambda result: result.fun).x)
    return Hyperparameters(amplitude=float(best[0]), length_scales=best[1:-1], noise=float(best[-1]))
