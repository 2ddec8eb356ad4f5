"""Whether one model errs less than others over folds: a t test for overlapping training rows, and Holm's correction."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from remanence.data.splits import Fold

Values = NDArray[np.float64]
EQUAL = 1e-9
"""Differences below this share of the errors are rounding, on which no test may stand."""


def overlap(folds: Sequence[Fold]) -> float:
    """Return the mean number of tested rows over that of rows outside the test, the correction of Nadeau and Bengio."""
    return float(np.mean([len(fold.test) / len(fold.fitting) for fold in folds]))


def corrected_t_test(model: Values, other: Values, ratio: float) -> float:
    """Return the two-sided p value of the difference of two models' errors over folds.

    Folds share training rows, so that their errors are not independent and a plain t test finds differences that are
    none. The variance of the mean difference is taken as (1 / folds + ratio) times that of the differences.

    Args:
        model: error of the model in each fold, shape (folds,).
        other: error of the other model in the same folds, shape (folds,).
        ratio: number of tested rows over that of training rows, see ``overlap``.

    Returns:
        the p value; NaN with a single fold, and where the errors differ by rounding only.

    Source: Nadeau, Bengio, Inference for the Generalization Error, Machine Learning 52, 2003, for repeated folds
    Bouckaert, Frank, Evaluating the Replicability of Significance Tests, PAKDD 2004.

    >>> round(corrected_t_test(np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 4, 6]), 1 / 3), 4)
    0.2071
    """
    difference = model - other
    size = max(float(np.abs(model).max()), float(np.abs(other).max()))
    if len(difference) < 2 or np.abs(difference).max() <= EQUAL * size:
        return float("nan")
    deviation = float(difference.std(ddof=1))
    if deviation <= EQUAL * size:  # the same difference in every fold
        return 0.0
    t = float(difference.mean()) / (deviation * np.sqrt(1 / len(difference) + ratio))
    return float(2 * stats.t.sf(abs(t), df=len(difference) - 1))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p values that hold for all of several tests together; NaN stays NaN and does not count as a test.

    Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scand. J. Statist. 6, 1979.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    tests = sorted((name for name, p in p_values.items() if np.isfinite(p)), key=lambda name: p_values[name])
    adjusted = {name: float("nan") for name in p_values}
    largest = 0.0
    for before, name in enumerate(tests):
        largest = max(largest, min(1.0, (len(tests) - before) * p_values[name]))
        adjusted[name] = largest
    return adjusted
