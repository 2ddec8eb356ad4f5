"""A synthetic campaign on Na0.5Bi0.5TiO3-BaTiO3 ceramics with the trends stated in the piezoceramics paper.

The measured rows of the paper are not public, so no result from this campaign may be presented as the paper's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FREQUENCY = np.geomspace(1e3, 1e6, 61)  # Hz, the range of the paper's impedance analyser


@dataclass(frozen=True)
class Series:
    """One series of samples: the composition and the true slope of each sample."""

    x: tuple[float, ...]
    """Molar fraction of BaTiO3."""
    dopant: tuple[float, ...]
    """Molar excess of Sr or Bi; 0 in the undoped series."""
    lph_slope: tuple[float, ...]
    """Magnitude of the true d(eps_r)/d(ln f), per ln Hz."""


_X = (0.02, 0.06, 0.10, 0.15, 0.20, 0.25)
_SR = (0.005, 0.01, 0.02, 0.03, 0.04)
_BI = (0.01, 0.02, 0.03, 0.04)

# The slopes are ours; the paper's text gives their order only: NS peaks at x = .06 and QS at x = .10, quenching lowers
# every slope, Sr peaks at .03 and Bi at .02, both near 47 (the paper's .45-.48 times 100), all within about 16-50.
SERIES = {
    "NS": Series(_X, (0.0,) * 6, (25.0, 41.5, 36.5, 29.5, 24.5, 20.5)),
    "QS": Series(_X, (0.0,) * 6, (18.0, 26.5, 31.0, 24.5, 19.5, 16.5)),
    "Sr": Series((0.06,) * 5, _SR, (38.0, 41.0, 44.5, 46.6, 43.0)),
    "Bi": Series((0.06,) * 4, _BI, (43.5, 47.6, 42.0, 37.0)),
}


@dataclass(frozen=True)
class Campaign:
    """Simulated measurements; every array has one entry (or row) per sample."""

    series: NDArray[np.str_]
    replicate: NDArray[np.int64]
    x: NDArray[np.float64]
    dopant: NDArray[np.float64]
    permittivity: NDArray[np.float64]  # (samples, frequencies)
    d33: NDArray[np.float64]  # pC/N


def true_permittivity(x: NDArray[np.float64], lph_slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the relative permittivity at 1 kHz: 900 to 1600, within 400 to 1800 in the literature on NBT-BT."""
    return 420.0 + 24.0 * lph_slope + 450.0 * x


def true_d33(x: NDArray[np.float64], lph_slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return d33 in pC/N: above 200 for slopes near 47, below 180 for slopes under 30, saturating at both ends."""
    return 118.0 + 92.0 / (1.0 + np.exp(-(lph_slope - 32.0) / 5.5)) - 60.0 * x


def simulate_campaign(
    series: tuple[str, ...] = ("NS", "QS", "Sr", "Bi"),
    *,
    replicates: int = 1,
    noise: float = 1.0,
    seed: int = 0,
) -> Campaign:
    """Simulate ``replicates`` measurements of every sample of the named series.

    Args:
        series: names of series in ``SERIES``.
        replicates: number of ceramics that are made and measured per composition.
        noise: scale of all noise. 1 is a spread of 3 % of the slope between ceramics of one composition, of 0.3 % of
            the permittivity between frequencies and 1 % between samples, and of 3 pC/N of the d33 meter.
        seed: seed of the noise.

    Returns:
        spectra of eps_r at ``FREQUENCY`` and d33 for each sample.
    """
    rng = np.random.default_rng(seed)
    rows = [
        (name, replicate, x, dopant, slope)
        for name in series
        for replicate in range(replicates)
        for x, dopant, slope in zip(SERIES[name].x, SERIES[name].dopant, SERIES[name].lph_slope, strict=True)
    ]
    names, replicate, x, dopant, slope = (np.array(column) for column in zip(*rows, strict=True))
    samples = len(rows)
    slope = slope * (1 + 0.03 * noise * rng.standard_normal(samples))
    eps_r = true_permittivity(x, slope) * (1 + 0.01 * noise * rng.standard_normal(samples))
    line = eps_r[:, None] - slope[:, None] * np.log(FREQUENCY / FREQUENCY[0])  # (samples, frequencies)
    permittivity = line * (1 + 0.003 * noise * rng.standard_normal(line.shape))
    d33 = true_d33(x, slope) + 3.0 * noise * rng.standard_normal(samples)
    return Campaign(names, replicate, x, dopant, permittivity, d33)
