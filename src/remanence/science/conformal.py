"""Prediction intervals from the errors of held-out rows."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike


def conformal_half_width(residuals: ArrayLike, coverage: float) -> float:
    """Return the h with which prediction ± h covers a new, exchangeable row with at least the nominal probability.

    With residuals that are divided by the error expected of their rows, h times the error expected of a new row is the
    half width of its own interval (normalised conformal prediction).

    Args:
        residuals: measured minus predicted values of the calibration rows, shape (rows,).
        coverage: nominal coverage, between 0 and 1.

    Returns:
        the ceil((n + 1) * coverage)-th smallest absolute residual of n rows, in the unit of the residuals. Infinity if
        n is too small for that rank, see ``least_rows``: no finite interval covers what was asked for.

    Raises:
        ValueError: if a residual is not finite, or ``coverage`` is not between 0 and 1.

    Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005; split conformal prediction. Lei and
    others, Distribution-free predictive inference for regression, 2018, section 5.2, for residuals that are divided.

    >>> conformal_half_width([1.0, -2.0, 3.0, 4.0, -5.0, 6.0, 7.0, 8.0, 9.0], 0.9)
    9.0
    >>> conformal_half_width([1.0, 2.0], 0.9)
    inf
    """
    sizes = np.sort(np.abs(np.asarray(residuals, dtype=np.float64)))
    if not np.isfinite(sizes).all():
        raise ValueError("Expected `residuals` to be finite, but got NaN or infinity.")
    rank = math.ceil((sizes.size + 1) * _exact(coverage))
    return float(sizes[rank - 1]) if rank <= sizes.size else math.inf


def least_rows(coverage: float) -> int:
    """Return the least number of calibration rows with which an interval of this nominal coverage is finite.

    >>> least_rows(0.9), least_rows(0.95)
    (9, 19)
    """
    exact = _exact(coverage)
    return math.ceil(exact / (1 - exact))


def _exact(coverage: float) -> Fraction:
    """Return the decimal number that was typed: the float .9 is a little more, and 20 * .9 would be rank 19."""
    if not 0 < coverage < 1:
        raise ValueError(f"Expected argument `coverage` to be between 0 and 1, but got {coverage!r}.")
    return Fraction(str(coverage))
