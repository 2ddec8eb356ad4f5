"""Folds inside the training rows, with which a baseline chooses its hyperparameters."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import KFold

from remanence.errors import ConfigurationError

Values = NDArray[np.float64]


def inner_folds(rows: int, *, folds: int, seed: int) -> KFold:
    """Return the splitter that divides ``rows`` training rows into shuffled folds.

    Raises:
        ConfigurationError: if there are fewer rows than folds.
    """
    if rows < folds:
        raise ConfigurationError(f"folds: a search on {folds} folds needs {folds} training rows, but there are {rows}")
    return KFold(folds, shuffle=True, random_state=seed)


def held_out_error(
    regressor: Any, choices: Sequence[Mapping[str, Any]], x: Values, target: Values, *, folds: int, seed: int
) -> Values:
    """Return the mean absolute error of each choice on rows that it was not fitted to, shape (choices,).

    Args:
        regressor: unfitted scikit-learn regressor, which stays unfitted.
        choices: parameters of the regressor.
        x: inputs, shape (rows, inputs).
        target: one target, shape (rows,).
        folds: number of folds.
        seed: seed of the folds, which are the same for all choices.

    Raises:
        ConfigurationError: if there are fewer rows than folds.
    """
    pairs = list(inner_folds(len(x), folds=folds, seed=seed).split(x))
    errors = np.empty((len(choices), len(x)))
    for number, choice in enumerate(choices):
        for rows, rest in pairs:
            fitted = clone(regressor).set_params(**choice).fit(x[rows], target[rows])
            errors[number, rest] = np.abs(fitted.predict(x[rest]) - target[rest])
    mean: Values = errors.mean(axis=1)
    return mean
