"""Division of rows into training, validation and test, and of the training rows among the members of an ensemble."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

from remanence.data.cells import as_number
from remanence.data.equal_inputs import EqualInputs
from remanence.errors import ConfigurationError, DataError

Rows = NDArray[np.intp]
Wanted = Mapping[str, Sequence[str | float]]
"""Column name to the values that select a row."""


@dataclass(frozen=True)
class Fold:
    """Row indices of the training, validation and test part, which do not overlap."""

    train: Rows
    validation: Rows
    test: Rows

    @property
    def fitting(self) -> Rows:
        """All rows outside the test."""
        return np.sort(np.concatenate([self.train, self.validation]))


def fitted_rows(folds: Iterable[Fold]) -> Rows:
    """Return the rows that any of the folds fits, each once."""
    rows: Rows = np.unique(np.concatenate([fold.fitting for fold in folds]))
    return rows


@dataclass(frozen=True)
class RowTable:
    """The values of the rows that a split may use."""

    target: NDArray[np.float64]
    """Values that strata are made from, shape (rows,)."""
    groups: NDArray[Any] | None
    """Family of each row, shape (rows,)."""
    frame: pd.DataFrame
    """Cells as read, for splits by the value of a column."""
    source: str
    """Name of the file, for error messages."""
    equal: EqualInputs | None = None
    """Rows with equal inputs, which no split tears apart; None if rows are held out one by one."""

    def part(self, rows: Rows) -> Self:
        """Return some of the rows; their numbers then count from 0, and sets of equal inputs stay whole."""
        return replace(
            self,
            target=self.target[rows],
            groups=None if self.groups is None else self.groups[rows],
            frame=self.frame.iloc[rows],
            equal=None if self.equal is None else EqualInputs(pd.factorize(self.equal.sets[rows])[0].astype(np.intp)),
        )

    def units(self, rows: Rows) -> tuple[Rows, NDArray[np.float64]]:
        """Return what a split holds out as a whole, where there are no families: rows, or sets of equal inputs.

        Args:
            rows: rows to divide; a set of equal inputs is among them as a whole.

        Returns:
            the unit of each row, shape (rows,), and the mean target of each unit, shape (units,).
        """
        if self.equal is None:
            return np.arange(len(rows)), self.target[rows]
        among = EqualInputs(pd.factorize(self.equal.sets[rows])[0].astype(np.intp))
        return among.sets, among.means(self.target[rows])


def make_folds(
    table: RowTable,
    *,
    kind: str = "stratified",
    validation: float,
    bins: int,
    seed: int,
    inside: int | None = None,
    only: int | None = None,
    share: float = 1.0,
    **options: Any,
) -> list[Fold]:
    """Return the outer folds of a table.

    Args:
        table: rows to divide.
        kind: ``stratified`` (one of ``folds`` parts is held out), ``kfold`` (each part is held out once, ``repeats``
            times over), ``grouped`` (whole families are held out, each once), ``leave_one_group_out``, or ``transfer``
            (rows with certain values train, rows with other values test). If the rows have families, every kind except
            ``transfer`` keeps a family together. If equal inputs stay together, ``table.equal``, every kind does so.
        validation: share of the rows outside the test that the early stopping of a single network looks at.
        bins: quantile bins of the target; their number is lowered until every bin has a row for each fold.
        seed: seed of the shuffling.
        inside: number of a fold: the rows that it tests stand in no part, and the others are divided in the same way.
            What is chosen by these inner folds has not seen that test.
        only: number of the fold that is returned, alone.
        share: share of the rows outside each test that is taken; a smaller share is part of a larger one, and families
            and equal inputs are taken as a whole.
        **options: options of the kind, see ``conf/data/split``.

    Raises:
        ConfigurationError: if there is no fold of that number.
        DataError: if there are too few rows or groups.
    """
    kinds: dict[str, Callable[..., Pairs]] = {
        "stratified": _stratified,
        "kfold": _kfold,
        "grouped": _grouped,
        "leave_one_group_out": _leave_one_group_out,
        "transfer": _transfer,
    }
    held_out = kinds[kind](table, bins=bins, seed=seed, **options)
    if inside is not None:
        if kind == "transfer":
            raise ConfigurationError("data.split.inside: the rows that train in a transfer are no folds; take it out")
        left, _ = _numbered(held_out, inside, "inside")
        inner = kinds[kind](table.part(left), bins=bins, seed=seed, **options)
        held_out = [(left[fitting], left[test]) for fitting, test in inner]
    if only is not None:
        held_out = [_numbered(held_out, only, "only")]
    if share < 1:
        kept = _first_units(table, share, seed)
        held_out = [(kept(fitting), test) for fitting, test in held_out]
    return [_hold_back(table, fitting, test, validation, bins, seed) for fitting, test in held_out]


def inner_folds(table: RowTable, fold: Fold, *, folds: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Divide the rows outside a fold's test into training and validation rows for the members of an ensemble.

    Returns:
        ``folds`` pairs (training rows, validation rows), or fewer if there are fewer rows or families. Each row is a
        validation row in exactly one pair, and families stay together. With ``folds=1`` the pair is the fold's own
        training and validation part.
    """
    if folds == 1:
        return [(fold.train, fold.validation)]
    rows = fold.fitting
    groups = None if table.groups is None else table.groups[rows]
    if groups is not None and np.unique(groups).size >= 2:
        splitter = GroupKFold(n_splits=min(folds, np.unique(groups).size), shuffle=True, random_state=seed)
        pairs = list(splitter.split(rows, groups=groups))
    else:
        unit, target = table.units(rows)
        folds = min(folds, len(target))
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
        divided = splitter.split(target, bin_target(target, _fitting_bins(target, 5, folds)))
        pairs = [(_rows_of(train, unit), _rows_of(held, unit)) for train, held in divided]
    return [(rows[train], rows[validation]) for train, validation in pairs]


def bin_target(target: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return the quantile bin of each value, shape (rows,); the bins are the strata of a regression problem."""
    edges = np.quantile(target, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, target, side="right")


Pairs = list[tuple[Rows, Rows]]


def _numbered(held_out: Pairs, number: int, key: str) -> tuple[Rows, Rows]:
    if number >= len(held_out):
        raise ConfigurationError(
            f"data.split.{key}: must be less than the number of folds ({len(held_out)}), got {number}"
        )
    return held_out[number]


def _first_units(table: RowTable, share: float, seed: int) -> Callable[[Rows], Rows]:
    """Return a function that takes a share of rows: the first families, or sets of equal inputs, in a random order."""
    unit = table.units(np.arange(len(table.target)))[0] if table.groups is None else pd.factorize(table.groups)[0]
    place = np.random.default_rng(seed).permutation(int(unit.max()) + 1)

    def first(rows: Rows) -> Rows:
        places = np.unique(place[unit[rows]])
        last = places[max(1, round(share * len(places))) - 1]
        kept: Rows = rows[place[unit[rows]] <= last]
        return kept

    return first


def _stratified(
    table: RowTable,
    *,
    folds: int,
    fold: int,
    bins: int,
    seed: int,
    held_out: Mapping[str, Sequence[float]] | None = None,
) -> Pairs:
    if fold >= folds:
        raise ConfigurationError(f"data.split.fold: must be less than data.split.folds ({folds}), got {fold}")
    fitting, test = _kfold(table, folds=folds, repeats=1, bins=bins, seed=seed)[fold]
    nearest = [_nearest(table, column, value) for column, values in (held_out or {}).items() for value in values]
    if not nearest:
        return [(fitting, test)]
    chosen = np.array(nearest, dtype=np.intp)
    if table.equal is not None:
        chosen = np.flatnonzero(np.isin(table.equal.sets, table.equal.sets[chosen]))
    return [(np.setdiff1d(fitting, chosen), np.union1d(test, chosen))]


def _nearest(table: RowTable, column: str, value: float) -> int:
    numbers = pd.to_numeric(table.frame[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(numbers).all():
        raise DataError(f"{table.source}: data.split.held_out: column '{column}' must hold a number in every row")
    return int(np.abs(numbers - value).argmin())


def _kfold(table: RowTable, *, folds: int, repeats: int, bins: int, seed: int) -> Pairs:
    unit, target = table.units(np.arange(len(table.target)))
    if folds > len(target):
        alike = "" if len(target) == len(unit) else " with different inputs"
        raise DataError(
            f"data.split.folds: {folds} folds need at least {folds} rows, {table.source} has {len(target)}{alike}"
        )
    if table.groups is None:
        kind: type[StratifiedKFold | StratifiedGroupKFold] = StratifiedKFold
    else:  # no split tears a family apart that the user has named
        _enough_families(table, folds)
        kind, unit, target = StratifiedGroupKFold, np.arange(len(table.target)), table.target
    strata = bin_target(target, _fitting_bins(target, bins, folds))
    splitters = [kind(n_splits=folds, shuffle=True, random_state=seed + repeat) for repeat in range(repeats)]
    pairs = [pair for splitter in splitters for pair in splitter.split(strata, strata, table.groups)]
    return [(_rows_of(fitting, unit), _rows_of(test, unit)) for fitting, test in pairs]


def _rows_of(chosen: Rows, unit: Rows) -> Rows:
    """Return the positions in ``unit`` (rows,) of the chosen units."""
    taken = np.zeros(int(unit.max()) + 1, dtype=np.bool_)
    taken[chosen] = True
    return np.flatnonzero(taken[unit])


def _grouped(table: RowTable, *, folds: int, bins: int, seed: int) -> Pairs:
    del bins  # the split follows families, not target values
    groups = _enough_families(table, folds)
    return list(GroupKFold(n_splits=folds, shuffle=True, random_state=seed).split(groups, groups=groups))


def _leave_one_group_out(table: RowTable, *, bins: int, seed: int) -> Pairs:
    del bins, seed  # this split draws nothing at random
    groups, _ = _families(table)
    return list(LeaveOneGroupOut().split(groups, groups=groups))


def _transfer(table: RowTable, *, train: Wanted, test: Wanted, bins: int, seed: int) -> Pairs:
    del bins, seed  # this split draws nothing at random
    fitting, tested = _rows_with(table, train, "train"), _rows_with(table, test, "test")
    both = np.intersect1d(fitting, tested)
    if both.size:
        raise DataError(f"{table.source}: {both.size} rows match both data.split.train and data.split.test")
    if table.equal is not None and (alike := table.equal.shared(tested, fitting)).any():
        raise DataError(
            f"{table.source}: {alike.sum()} of {len(tested)} rows of data.split.test have the inputs of rows of "
            "data.split.train; name a feature that tells them apart, or allow it by data.duplicates=split"
        )
    return [(fitting, tested)]


def _rows_with(table: RowTable, wanted: Wanted, part: str) -> Rows:
    matches = np.ones(len(table.frame), dtype=bool)
    for column, values in wanted.items():
        matches &= np.isin(
            [_comparable(cell) for cell in table.frame[column]], [_comparable(value) for value in values]
        )
    if not wanted or not matches.any():
        raise DataError(f"{table.source}: no row matches data.split.{part}: {dict(wanted)}")
    return np.flatnonzero(matches)


def _comparable(value: str | float) -> str:
    """Return the same text for 0, 0.0 and "0": a configuration says ``dopant: [0]`` where the table holds 0.0."""
    number = as_number(value)
    return str(value) if number is None else repr(number)


def _enough_families(table: RowTable, folds: int) -> NDArray[Any]:
    groups, count = _families(table)
    if folds > count:
        raise DataError(f"data.split.folds: {folds} folds need {folds} families, {table.source} has {count}")
    return groups


def _families(table: RowTable) -> tuple[NDArray[Any], int]:
    if table.groups is None:
        raise ConfigurationError(
            "data.groups: name the column of families that data.split.kind needs; those of formulas are data.families"
        )
    count = int(np.unique(table.groups).size)
    if count < 2:
        raise DataError(f"{table.source}: data.groups or data.families gives one family; at least 2 are needed")
    return table.groups, count


def _fitting_bins(target: NDArray[np.float64], bins: int, folds: int) -> int:
    while bins > 1 and np.bincount(bin_target(target, bins), minlength=bins).min() < folds:
        bins -= 1
    return bins


def _hold_back(table: RowTable, fitting: Rows, test: Rows, validation: float, bins: int, seed: int) -> Fold:
    """Divide the rows outside the test into training and validation, in as many strata as the rows allow."""
    unit, target = table.units(fitting)
    held_back = max(1, round(validation * len(target)))
    if (left := len(target) - held_back) < 2:
        alike = "" if len(target) == len(unit) else " with different inputs"
        raise DataError(
            f"{table.source}: {len(table.target)} rows are too few: with data.split.validation={validation:g} "
            f"{left}{alike} would be left to train on, {held_back} to validate, {len(test)} to test"
        )
    if table.groups is not None and np.unique(table.groups[fitting]).size >= 2:
        splitter = GroupShuffleSplit(1, test_size=validation, random_state=seed)
        train, validate = next(splitter.split(fitting, groups=table.groups[fitting]))
        return Fold(train=fitting[train], validation=fitting[validate], test=np.sort(test))
    strata = bin_target(target, bins)
    smallest = min(held_back, left)
    stratify = strata if np.unique(strata).size <= smallest and np.bincount(strata).min() >= 2 else None
    train, validate = train_test_split(
        np.arange(len(target)), test_size=held_back, random_state=seed, stratify=stratify
    )
    return Fold(fitting[_rows_of(train, unit)], fitting[_rows_of(validate, unit)], np.sort(test))
