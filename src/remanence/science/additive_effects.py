"""Additive effects of factors, such as composition and solvent, each shrunk as far as the data ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, lapack
from scipy.optimize import minimize
from scipy.spatial import cKDTree

Values = NDArray[np.float64]

VARIANCES = (1e-6, 1e3)
"""Bounds of the variance of an effect, that of the target being 1."""
NOISES = (1e-4, 1.0)
JITTER = 1e-10
SAME = 1e-6
"""Distance of z-scores up to which rows have the same level; descriptors that are computed anew are rounded anew."""


@dataclass(frozen=True)
class Factor:
    """What one factor adds to the mean: a linear part in its inputs, and a deviation of each of its levels."""

    columns: list[int]
    """Inputs that belong to the factor."""
    slopes: Values
    """Effect of each of these inputs, shape (columns,)."""
    levels: Values
    """Values of these inputs in each level that was seen, shape (levels, columns)."""
    deviations: Values
    """What each level adds beyond the linear part, shape (levels,)."""

    def of(self, x: Values) -> Values:
        """Return the effect in each row of x (rows, inputs), shape (rows,); an unseen level has the linear part."""
        own = x[:, self.columns]
        _, nearest = cKDTree(self.levels).query(own, distance_upper_bound=SAME)  # beyond the bound it is their number
        effect: Values = own @ self.slopes + np.append(self.deviations, 0.0)[nearest]
        return effect


def additive_effects(
    x: Values, y: Values, factors: Sequence[Sequence[int]], *, most: int = 400
) -> tuple[float, list[Factor]]:
    """Return the mean of y and the effect of each factor, the most likely ones given their variances.

    The model is y = mean + Σ (slopes · inputs of the factor + deviation of its level) + noise. Slopes, deviations and
    noise are drawn from normal distributions, whose variances maximise the marginal likelihood: an effect that the rows
    do not show shrinks to nothing, and a level seen once is pulled towards what its inputs say.

    Args:
        x: z-scores of the inputs, shape (rows, inputs).
        y: target with a standard deviation near 1, shape (rows,).
        factors: columns of each factor.
        most: largest number of rows, drawn once, whose likelihood is maximised; its cost grows with their cube.

    Source: Robinson, That BLUP is a Good Thing, Statistical Science 6, 1991; Rasmussen, Williams, 2006, eq. 5.9.
    """
    mean = float(y.mean())
    designs: list[Values] = []
    known: list[Values] = []
    for columns in factors:
        own = x[:, list(columns)]
        levels, level = np.unique(own.round(6) + 0.0, axis=0, return_inverse=True)  # -0.0 becomes 0.0
        known.append(levels)
        indicators = np.zeros((len(x), len(levels)))
        indicators[np.arange(len(x)), level.reshape(-1)] = 1.0
        designs += [own / np.sqrt(len(columns)), indicators]
    drawn = np.sort(np.random.default_rng(0).permutation(len(x))[:most])
    variances, noise = _most_likely([design[drawn] for design in designs], y[drawn] - mean)
    covariance = sum(v * design @ design.T for v, design in zip(variances, designs, strict=True))
    dual = cho_solve(cho_factor(covariance + (noise + JITTER) * np.eye(len(x))), y - mean)
    effects = [v * design.T @ dual for v, design in zip(variances, designs, strict=True)]
    found = [
        Factor(list(columns), effects[2 * place] / np.sqrt(len(columns)), known[place], effects[2 * place + 1])
        for place, columns in enumerate(factors)
    ]
    return mean, found


def _most_likely(designs: Sequence[Values], y: Values) -> tuple[Values, float]:
    """Return the variance of the effects of each design (rows, effects), and that of the noise."""
    kernels = [design @ design.T for design in designs]
    identity = np.eye(len(y))

    def negative_log_likelihood(theta: Values) -> tuple[float, Values]:
        variances = np.exp(theta)
        covariance = (variances[-1] + JITTER) * identity
        for variance, kernel in zip(variances, kernels, strict=False):
            covariance += variance * kernel
        factor, failed = lapack.dpotrf(covariance, lower=1)
        if failed:
            return np.inf, np.zeros_like(theta)
        dual = cho_solve((factor, True), y)
        lower, _ = lapack.dpotri(factor, lower=1)
        inverse = np.tril(lower) + np.tril(lower, -1).T
        weight = inverse - np.outer(dual, dual)
        slopes = [(weight * kernel).sum() for kernel in kernels] + [np.trace(weight)]
        value = 0.5 * y @ dual + np.log(np.diag(factor)).sum()
        return float(value), 0.5 * variances * np.array(slopes)

    bounds = np.log([*[VARIANCES] * len(designs), NOISES])
    start = np.log([*[0.5 / len(designs)] * len(designs), 0.1])
    found = minimize(negative_log_likelihood, start, jac=True, bounds=bounds, method="L-BFGS-B")
    variances = np.exp(found.x)
    return variances[:-1], float(variances[-1])
