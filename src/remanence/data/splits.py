"""Rows to training, validation and test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from remanence.errors import DataError


@dataclass(frozen=True)
class Fold:
    """Indices of the rows of each part; the parts do not overlap."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


def bin_target(target: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return the quantile bin of each value, shape (rows,): the strata of a regression problem."""
    edges = np.quantile(target, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, target, side="right")


def stratified_fold(
    target: NDArray[np.float64], *, folds: int, fold: int, validation: float, bins: int, seed: int, source: str
) -> Fold:
    """Hold out one of ``folds`` parts for the test, each part with the target distribution of the whole.

    With five folds this is the 80/20 split stratified by binned target; sweeping ``fold`` covers every row once.

    Args:
        target: values to stratify by, shape (rows,).
        folds: number of parts, at least 2.
        fold: the part held out, counted from 0.
        validation: share of the remaining rows that early stopping looks at.
        bins: quantile bins; lowered until every bin has a row for each fold.
        seed: of the shuffling.
        source: the file's name, for messages.

    Raises:
        DataError: if there are too few rows, or ``fold`` does not exist.
    """
    rows = len(target)
    if folds > rows:
        raise DataError(f"data.split.folds: {folds} folds need at least {folds} rows, {source} has {rows}")
    if fold >= folds:
        raise DataError(f"data.split.fold: must be less than data.split.folds ({folds}), got {fold}")
    while bins > 1 and np.bincount(bin_target(target, bins), minlength=bins).min() < folds:
        bins -= 1
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    kept, test = list(splitter.split(target, bin_target(target, bins)))[fold]
    held_back = round(validation * len(kept))
    if held_back < 1 or len(kept) - held_back < 2:
        raise DataError(
            f"{source}: {rows} rows are too few for {folds} folds with data.split.validation={validation:g}: "
            f"{len(kept) - held_back} would be left to train on, {held_back} to validate"
        )
    strata = bin_target(target[kept], bins)
    smallest = min(held_back, len(kept) - held_back)
    stratify = strata if np.unique(strata).size <= smallest and np.bincount(strata).min() >= 2 else None
    train, validate = train_test_split(kept, test_size=held_back, random_state=seed, stratify=stratify)
    return Fold(train=np.sort(train), validation=np.sort(validate), test=np.sort(test))
