"""A hierarchical pattern of c/a and a1/a2 domains, and how each place in it switches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.science.band_excitation.switching import FACTORS

PERIOD = 0.3  # width of a pair of bands, in map sides: 0.6 µm on the 2 µm map
INCLINATION = np.deg2rad(30.0)  # angle between the bands and the columns
C_SHARE = 0.55  # share of a period that is c/a
STRIPES = 4  # number of a-domain stripes along one period of a c/a band
BOUNDARY = 0.06  # width of a band's edge, in periods
REACH = 0.16  # how far a boundary changes the switching beside it, in periods


@dataclass(frozen=True)
class DomainPattern:
    """Maps of shape (rows, cols) with values between 0 and 1, and the latent factors of the pixels."""

    c_band: NDArray[np.float64]
    """1 in c/a bands, 0 in a1/a2 bands."""
    ridge: NDArray[np.float64]
    """1 on boundaries that are peaks of the topography, on the left side of an a1/a2 band."""
    valley: NDArray[np.float64]
    """1 on boundaries that are valleys of the topography, on the right side of an a1/a2 band."""
    stripes: NDArray[np.float64]
    """1 in the a domains inside a c/a band."""
    factors: NDArray[np.float64]
    """Latent factors of ``switching_loops``, shape (rows * cols, 7), row-major."""

    def maps(self) -> dict[str, NDArray[np.float64]]:
        """Return each latent factor as a map of shape (rows, cols)."""
        rows, cols = self.c_band.shape
        return {name: self.factors[:, column].reshape(rows, cols) for column, name in enumerate(FACTORS)}


def domain_pattern(rows: int = 60, cols: int = 60, *, seed: int = 0) -> DomainPattern:
    """Draw bands of c/a and a1/a2 domains over one map; the pattern does not depend on the number of pixels.

    c/a bands switch in square loops, which are tilted where a domains cross the band. In an a1/a2 band the response is
    suppressed. Near the ridge of an a1/a2 band, the material switches in two steps on both signs of the bias. Near the
    valley, charged walls hold the a state on positive bias only.

    Args:
        rows: number of pixels along the slow axis.
        cols: number of pixels along the fast axis.
        seed: seed of the waviness of the bands and of the slow variations.

    Raises:
        ValueError: if there are no pixels.

    Source: the β-VAE paper, Fig. 5(d-f). Its text on the dictionary puts the charged walls at the ridge instead.

    >>> domain_pattern(60, 60).factors.shape
    (3600, 7)
    """
    if rows < 1 or cols < 1:
        raise ValueError(f"Expected `rows` and `cols` to be at least 1, but got {rows} and {cols}.")
    rng = np.random.default_rng(seed)
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(cols) + 0.5) / cols, indexing="ij")

    across = (x * np.cos(INCLINATION) + y * np.sin(INCLINATION)) / PERIOD + 0.08 * _slow(x, y, rng)
    along = (y * np.cos(INCLINATION) - x * np.sin(INCLINATION)) / PERIOD + 0.05 * _slow(x, y, rng)
    phase = across % 1.0  # 0 to C_SHARE is c/a, the rest a1/a2
    to_ridge = _distance(phase, C_SHARE)
    to_valley = _distance(phase, 0.0)
    inside = np.where(phase < C_SHARE, 1.0, -1.0) * np.minimum(to_ridge, to_valley)
    c_band = 0.5 + 0.5 * np.tanh(inside / BOUNDARY)
    ridge, valley = np.exp(-((to_ridge / REACH) ** 2)), np.exp(-((to_valley / REACH) ** 2))
    stripes = c_band * (0.5 + 0.5 * np.cos(2 * np.pi * (STRIPES * along + 2 * across))) ** 2

    a_band = 1 - c_band
    factors = {
        "amplitude": 1.15e-4 - 0.45e-4 * a_band - 0.12e-4 * stripes + 0.05e-4 * _slow(x, y, rng),
        "tilt": 0.05 + 0.35 * stripes + 0.45 * a_band * (1 - ridge) + 0.25 * c_band * ridge,
        "two_step": 1.2 * a_band * ridge,
        "charged_wall": 1.2 * a_band * valley,
        "coercive_bias": 8.0 - 0.4 * a_band + 0.5 * _slow(x, y, rng),
        "imprint": 0.3 + 0.3 * _slow(x, y, rng),
        "resonance_frequency": 1323.0 + 3.0 * c_band + 1.5 * (ridge - valley) + 1.0 * _slow(x, y, rng),
    }
    bounded = [np.clip(factors[name], factor.low, factor.high) for name, factor in FACTORS.items()]
    return DomainPattern(c_band, ridge, valley, stripes, np.stack([values.ravel() for values in bounded], axis=1))


def _distance(phase: NDArray[np.float64], boundary: float) -> NDArray[np.float64]:
    """Return the distance between phases and a boundary on the circle of phases, in periods."""
    distance: NDArray[np.float64] = np.abs((phase - boundary + 0.5) % 1.0 - 0.5)
    return distance


def _slow(x: NDArray[np.float64], y: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a sum of a few long waves, with standard deviation 1 over their phases; the same on every grid."""
    waves = 6
    kx, ky = rng.uniform(-2, 2, (2, waves))
    start = rng.uniform(0, 2 * np.pi, waves)
    phases = 2 * np.pi * (kx[:, None, None] * x + ky[:, None, None] * y) + start[:, None, None]  # (waves, rows, cols)
    total: NDArray[np.float64] = np.cos(phases).sum(axis=0) * np.sqrt(2 / waves)
    return total
