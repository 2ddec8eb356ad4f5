"""The shares of several predictions in a mean that errs least."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity, vstack

Values = NDArray[np.float64]


def least_shares(predicted: Values, measured: Values) -> Values:
    """Return the shares, at least 0 and with the sum 1, whose weighted mean has the least mean absolute error.

    Args:
        predicted: predictions of each model on rows that it was not trained on, shape (rows, models).
        measured: measured values, shape (rows,).

    Returns:
        the shares, shape (models,).

    Source: Breiman, Stacked Regressions, Machine Learning 24, 1996, with absolute errors; a linear programme.

    >>> least_shares(np.array([[0.0, 4.0], [1.0, 5.0], [2.0, 6.0]]), np.array([1.0, 2.0, 3.0])).round(6).tolist()
    [0.75, 0.25]
    """
    rows, models = predicted.shape
    error = identity(rows, format="csr")  # of each row, its absolute error is one more unknown
    above = hstack([csr_array(predicted), -error])
    below = hstack([csr_array(-predicted), -error])
    found = linprog(
        np.concatenate([np.zeros(models), np.ones(rows)]),
        A_ub=vstack([above, below]),
        b_ub=np.concatenate([measured, -measured]),
        A_eq=np.concatenate([np.ones(models), np.zeros(rows)])[None],
        b_eq=[1.0],
        method="highs",
    )
    shares: Values = np.clip(found.x[:models], 0.0, 1.0)
    shares /= shares.sum()
    return shares
