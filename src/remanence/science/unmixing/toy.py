"""Spectra with three known causes: the toy problem of the β-VAE paper."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

COLOURS = ("R", "G", "B")
"""Names of the three causes of the spectra."""
TIMES = np.linspace(-1.0, 1.0, 25)
"""Spectroscopic time steps of the paper, without unit."""


def toy_spectra(colours: Values, times: Values = TIMES) -> Values:
    """Return tanh(20(t − 2(R − ½))) + SELU(t − 2(G − ½)) + sigmoid(−20(t − (B − ½))).

    Args:
        colours: red, green and blue between 0 and 1, shape (n, 3).
        times: time of each step, without unit, shape (steps,).

    Returns:
        spectra without unit, shape (n, steps).

    Source: Qin et al., Adv. Mater. 2022, 2202814, section 2.

    >>> toy_spectra(np.array([[0.5, 0.5, 0.5]]), np.array([0.0])).round(3)
    array([[0.5]])
    """
    red, green, blue = (colours[:, [column]] for column in range(3))  # each (n, 1), against (steps,)
    return (
        np.tanh(20 * (times - 2 * (red - 0.5)))
        + selu(times - 2 * (green - 0.5))
        + 0.5 * (1 + np.tanh(-10 * (times - (blue - 0.5))))  # the sigmoid, without overflow
    )


def selu(value: Values) -> Values:
    """Return the scaled exponential linear unit. Source: Klambauer et al., 2017."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return np.asarray(scale * np.where(value > 0, value, alpha * np.expm1(np.minimum(value, 0))))
