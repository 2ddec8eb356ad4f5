"""A Gaussian process of a handful of rows: how well it knows each of them without it, and functions drawn from it."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from remanence.science.deviations import deviations

FEATURES = 2048
"""Number of random waves that a function of the prior is made of."""
MOST_AT_ONCE = 2000
"""Largest number of points at which all waves are computed at once, so that the memory stays small."""
SPREADS = np.array([0.7, 0.7, 1.0])
"""Standard deviations of the log-normal priors of amplitude, length and noise."""
NOISE = 0.1
"""Median of the prior of the noise, as a part of the variance of the values."""
BOUNDS = ((-4.0, 3.0), (-3.0, 4.6), (-9.2, 0.7))

Values = NDArray[np.float64]


class SmoothProcess:
    """A Gaussian process with one Matérn 5/2 length for all inputs, between z-scores.

    Amplitude, length and noise maximise the posterior, with a prior that expects a length of the square root of the
    number of inputs. Inputs that are constant in the rows do not count.

    Source: Rasmussen, Williams, Gaussian Processes for Machine Learning (2006), chapter 5; drawn functions after Wilson
    et al., Efficiently sampling functions from Gaussian process posteriors, ICML 2020.

    Args:
        x: inputs, shape (rows, inputs).
        y: values, shape (rows,).
        draws: number of functions to draw.
        seed: seed of the drawn functions.
    """

    def __init__(self, x: Values, y: Values, *, draws: int, seed: int = 0) -> None:
        deviation = deviations(x)
        self._varied = deviation > 0
        self._centre, self._scale = x[:, self._varied].mean(axis=0), deviation[self._varied]
        self._mean = float(y.mean())
        self._spread = float(deviations(y)) or 1.0
        self._x, self._y = self._inputs(x), (y - self._mean) / self._spread
        expected = np.log([1.0, max(1.0, float(self._varied.sum())) ** 0.5, NOISE])
        found = minimize(self._cost, expected, args=(expected,), method="L-BFGS-B", bounds=BOUNDS)
        self._amplitude, self._length, self._noise = np.exp(found.x)
        self._factor = cho_factor(self._covariance(), lower=True)
        self._number, self._seed = draws, seed

    @property
    def held_out_error(self) -> float:
        """Root mean square error of each row predicted from all others, in the unit of the values."""
        inverse = cho_solve(self._factor, np.eye(len(self._y)))
        left_out = cho_solve(self._factor, self._y) / np.diag(inverse)
        return float(np.sqrt(np.mean(left_out**2))) * self._spread

    def draws(self, points: Values) -> Values:
        """Return the drawn functions at points (points, inputs), shape (draws, points)."""
        if not hasattr(self, "_update"):
            self._draw(np.random.default_rng(self._seed))
        z = self._inputs(points)
        parts = [z[start : start + MOST_AT_ONCE] for start in range(0, len(z), MOST_AT_ONCE)]
        values = [self._waves(part) @ self._weights + self._kernel(part, self._x) @ self._update for part in parts]
        drawn: Values = self._mean + self._spread * np.concatenate(values).T
        return drawn

    def _draw(self, rng: np.random.Generator) -> None:
        """Draw functions from the prior, and what leads each of them through the rows with their noise."""
        frequencies = rng.normal(size=(FEATURES, self._x.shape[1])) / self._length
        # the spectrum of a Matérn kernel of smoothness 5/2 is that of Student's t with 5 degrees of freedom
        self._frequencies = frequencies / np.sqrt(rng.chisquare(5, size=(FEATURES, 1)) / 5)
        self._phases = rng.uniform(0, 2 * np.pi, FEATURES)
        self._weights = rng.normal(size=(FEATURES, self._number)) * np.sqrt(2 * self._amplitude / FEATURES)
        noise = rng.normal(size=(len(self._y), self._number)) * np.sqrt(self._noise)
        missing = self._y[:, None] - self._waves(self._x) @ self._weights - noise
        self._update = cho_solve(self._factor, missing)

    def _waves(self, z: Values) -> Values:
        return np.asarray(np.cos(z @ self._frequencies.T + self._phases))

    def _inputs(self, x: Values) -> Values:
        return np.asarray((x[:, self._varied] - self._centre) / self._scale)

    def _kernel(self, a: Values, b: Values) -> Values:
        return np.asarray(self._amplitude * _matern(cdist(a, b) / self._length))

    def _covariance(self) -> Values:
        return np.asarray(self._kernel(self._x, self._x) + (self._noise + 1e-8) * np.eye(len(self._y)))

    def _cost(self, logarithms: Values, expected: Values) -> float:
        """Return the negative logarithm of the posterior of amplitude, length and noise."""
        self._amplitude, self._length, self._noise = np.exp(logarithms)
        try:
            lower = np.linalg.cholesky(self._covariance())
        except np.linalg.LinAlgError:
            return 1e6
        white = np.linalg.solve(lower, self._y)
        prior = (((logarithms - expected) / SPREADS) ** 2).sum() / 2
        return float(white @ white / 2 + np.log(np.diag(lower)).sum() + prior)


def _matern(distance: Values) -> Values:
    scaled = np.sqrt(5) * distance
    return np.asarray((1 + scaled + scaled**2 / 3) * np.exp(-scaled))
