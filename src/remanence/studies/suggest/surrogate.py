"""The fast model that chooses experiments: it is fitted anew to all rows measured so far."""

import numpy as np
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.models.extra_trees import ExtraTrees
from remanence.science.smooth_process import SmoothProcess
from remanence.studies.design.candidate_rows import Candidates

TREES = 200
"""Number of trees, and of functions that are drawn from a Gaussian process."""
FEW_TREES, FOLDS = 60, 5
"""Trees, and folds of the measured rows, by which both are compared."""
CLEARLY, LARGEST_ERROR = 0.7, 0.6
"""A Gaussian process is taken if its error is smaller than this part of the error of the trees, and than this part of
the standard deviation of the target."""
LEAST_ROWS, MOST_ROWS = 5, 500
MOST_AT_ONCE = 20_000
"""Largest number of rows that all trees predict at once, so that the memory stays small."""

Values = NDArray[np.float64]


class Surrogate:
    """Trees of measured rows, and a Gaussian process of each target that this predicts clearly better.

    A campaign begins with a handful of rows. Trees that are grown to single rows never exceed what was measured, and
    differ where the rows leave open which input it was: that suits compositions, where most inputs are 0 and a Gaussian
    process spends its experiments on rare elements. A Gaussian process suits a smooth dependence on a few inputs, such
    as a temperature, which trees resolve in steps. Which of both it is, is told by the measured rows alone.

    Args:
        x: inputs of the rows, shape (rows, inputs).
        y: measured targets, shape (rows, targets).
        seed: seed of trees, of functions that are drawn and of folds.
        trees_only: whether to leave Gaussian processes out.
    """

    def __init__(self, x: Values, y: Values, *, seed: int = 0, trees_only: bool = False) -> None:
        self._trees = _forest(x, y, TREES, seed)
        self._processes = [None if trees_only else _process(x, column, seed) for column in y.T]

    def draws(self, points: Values) -> Values:
        """Return what every tree, or every function that was drawn, predicts, shape (draws, points, targets)."""
        draws = self._trees.draws(points)
        for target, process in enumerate(self._processes):
            if process is not None:
                draws[:, :, target] = process.draws(points)
        return draws


def _forest(x: Values, y: Values, number: int, seed: int) -> ExtraTrees:
    trees = ExtraTrees(n_features=x.shape[1], n_targets=y.shape[1], n_estimators=number, seed=seed)
    trees.fit(x, y)
    return trees


def _process(x: Values, y: Values, seed: int) -> SmoothProcess | None:
    """Return a Gaussian process of one target; None if trees predict held-out rows nearly as well."""
    if not LEAST_ROWS <= len(y) <= MOST_ROWS:
        return None
    process = SmoothProcess(x, y, draws=TREES, seed=seed)
    if process.held_out_error > LARGEST_ERROR * y.std():
        return None  # it knows little; no folds of trees are needed
    order = np.random.default_rng(seed).permutation(len(y))
    error = np.zeros(len(y))
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        error[fold] = _forest(x[rest], y[rest, None], FEW_TREES, seed).predict(x[fold])[:, 0] - y[fold]
    return process if process.held_out_error < CLEARLY * np.sqrt(np.mean(error**2)) else None


def draws_of(surrogate: Surrogate, columns: Columns, candidates: Candidates) -> Values:
    """Return what the surrogate predicts of the candidates, shape (draws, candidates, targets).

    Where a number was filled in, the prediction of a draw is its mean over the values that the number may have.
    """
    number, draws = candidates.weights.shape
    parts = []
    for start in range(0, number, max(1, MOST_AT_ONCE // draws)):
        part = candidates.at(np.arange(start, min(number, start + max(1, MOST_AT_ONCE // draws))))
        mean, _ = part.average(lambda rows: _rows_first(surrogate.draws(columns.encode(rows, "candidates"))))
        parts.append(mean)
    together = np.concatenate(parts)  # (candidates, draws * targets)
    return np.moveaxis(together.reshape(number, TREES, len(columns.targets)), 0, 1)


def _rows_first(draws: Values) -> Values:
    """Return draws (draws, rows, targets) as one row each, shape (rows, draws * targets)."""
    return np.moveaxis(draws, 1, 0).reshape(draws.shape[1], -1)
