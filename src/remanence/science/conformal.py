"""Prediction intervals from the residuals of held-out rows."""

import math

import numpy as np
from numpy.typing import ArrayLike


def conformal_half_width(residuals: ArrayLike, coverage: float) -> float:
    """Return the h with which prediction ± h covers a new, exchangeable row with at least the nominal probability.

    Args:
        residuals: measured minus predicted values of the calibration rows, shape (rows,).
        coverage: nominal coverage, between 0 and 1.

    Returns:
        the ceil((n + 1) * coverage)-th smallest absolute residual of n rows, in the unit of the residuals. NaN if n is
        too small for that rank (fewer than 9 rows for a coverage of .90).

    Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005; split conformal prediction.

    >>> conformal_half_width([1.0, -2.0, 3.0, 4.0, -5.0, 6.0, 7.0, 8.0, 9.0], 0.9)
    9.0
    >>> conformal_half_width([1.0, 2.0], 0.9)
    nan
    """
    sizes = np.sort(np.abs(np.asarray(residuals, dtype=np.float64)))
    rank = math.ceil((sizes.size + 1) * coverage - 1e-9)  # 10 * .9 is not exactly 9
    return float(sizes[rank - 1]) if 0 < rank <= sizes.size else math.nan
