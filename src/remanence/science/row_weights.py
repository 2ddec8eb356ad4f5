"""Weights of rows in a loss, from the uncertainty of what was measured."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

MODEL_ERROR = 1 / 3
"""Error of a good model, in standard deviations of the target (R² .9): uncertainties well below it do not matter."""


def row_weights(
    uncertainty: Values | None, y: Values, rows: NDArray[np.intp], fitted_on: NDArray[np.intp] | None = None
) -> Values | None:
    """Return the weight of each row for each target, shape (rows, targets), with the mean 1; None if all weigh alike.

    A row is off by its own uncertainty s and by what no model explains, taken as a third of the target's standard
    deviation, m: it weighs 1 / (m² + s²), as least squares of unequal variances does. A row whose uncertainty is not
    known has the median of those that are.

    Args:
        uncertainty: standard uncertainty of each target of all rows, shape (all rows, targets), NaN where unknown.
        y: targets, shape (all rows, targets).
        rows: the rows to weigh.
        fitted_on: rows whose targets and uncertainties set the scale; None for ``rows``.

    >>> y = np.array([[0.0], [6.0], [0.0], [6.0]])
    >>> row_weights(np.array([[1.0], [1.0], [np.nan], [2.0]]), y, np.arange(4)).ravel().round(2).tolist()
    [1.18, 1.18, 1.18, 0.47]
    """
    if uncertainty is None:
        return None
    known = rows if fitted_on is None else fitted_on
    own, scale = uncertainty[rows], uncertainty[known]
    weights = np.ones_like(own)
    for column in range(own.shape[1]):
        stated = scale[:, column][np.isfinite(scale[:, column])]
        of_model = MODEL_ERROR * float(y[known, column].std())
        if not len(stated) or of_model == 0:
            continue
        each = np.where(np.isfinite(own[:, column]), own[:, column], np.median(stated))
        weight = 1 / (1 + (each / of_model) ** 2)  # in units of the model's error, so that units do not matter
        weights[:, column] = weight / weight.mean()
    return None if np.allclose(weights, 1, atol=1e-9) else weights
