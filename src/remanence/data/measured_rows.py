"""The rows of a table as numbers: what is missing or uncertain is refused, left out, filled or taken, as asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cell_faults import SHOWN, CellFault, refuse_cells
from remanence.data.cells import shown_row
from remanence.data.columns import Columns, Encoded
from remanence.data.number_column import read_numbers
from remanence.errors import DataError
from remanence.foundation.first_few import first_few

DROP = "data.missing=drop leaves out the rows that lack a value"
IMPUTE = f"{DROP}; data.missing=impute fills features with their median"
IMPUTE_TEXT = f"{DROP}; data.missing=impute takes an empty category as none of the known ones"


@dataclass(frozen=True)
class MeasuredRows:
    """Rows whose features and targets are known."""

    frame: pd.DataFrame
    """The cells of these rows."""
    columns: Columns
    """The columns, with the value that fills a missing cell of each feature."""
    x: NDArray[np.float64]
    """Inputs in physical units, shape (rows, inputs)."""
    y: NDArray[np.float64]
    """Targets in physical units, shape (rows, targets)."""
    uncertainty: NDArray[np.float64] | None
    """Standard uncertainty of each target, shape (rows, targets), NaN where unknown; None if no row has one."""
    said: tuple[str, ...]
    """What was left out, filled or taken, a line each."""


def measured_rows(
    frame: pd.DataFrame, columns: Columns, source: str, *, beside: Mapping[str, str], advised: bool
) -> MeasuredRows:
    """Return the rows of a table whose features and targets are known.

    Args:
        frame: cells as read.
        columns: meaning of the columns; ``missing`` and ``uncertain`` say what is done.
        source: name of the file, for messages.
        beside: target to the column that holds its uncertainty.
        advised: whether a message says which key of the configuration takes such cells.

    Raises:
        DataError: naming the first ten cells that cannot be taken, or if no row is left.
    """
    features, targets = columns.read_features(frame), columns.read_targets(frame)
    stated, of_columns = _stated(frame, columns, targets, beside)
    faults = [*features.faults, *targets.faults, *of_columns]
    if columns.missing == "error":
        faults = [replace(fault, advice=_advice(fault, columns)) if fault.missing else fault for fault in faults]
    else:
        faults = [fault for fault in faults if not fault.missing]
    refuse_cells(faults, frame, source, advised=advised)
    left_out = _left_out(frame, columns, features, targets, source)
    said = [*_said_of_rows(frame, left_out, source), *_said_of_cells(frame, features, targets, source)]
    if columns.missing == "impute":
        columns = replace(columns, fill=_medians(features, columns, source))
        said += columns.said_of_fill(features, source)
        features = columns.filled(features)
    kept = np.setdiff1d(np.arange(len(frame)), left_out) if len(left_out) else slice(None)
    stated = stated[kept]
    return MeasuredRows(
        frame=frame.iloc[kept] if len(left_out) else frame,
        columns=columns,
        x=features.values[kept],
        y=targets.values[kept],
        uncertainty=stated if np.isfinite(stated).any() else None,
        said=tuple(said),
    )


def with_values(frame: pd.DataFrame, columns: Columns, source: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of another table that its run would have used, and a line if there are others.

    A row without a target tells nothing of the model: it is left out in any case.

    Args:
        frame: cells as read, with the columns' names.
        columns: meaning of the columns of the run.
        source: name of the file.
    """
    left_out = _left_out(frame, columns, columns.read_features(frame), columns.read_targets(frame), source)
    kept = frame.iloc[np.setdiff1d(np.arange(len(frame)), left_out)]
    return kept, _said_of_rows(frame, left_out, source)


def _left_out(
    frame: pd.DataFrame, columns: Columns, features: Encoded, targets: Encoded, source: str
) -> NDArray[np.intp]:
    """Return the rows that lack a value which is not filled, in their order.

    Raises:
        DataError: if no row is left.
    """
    cells = [*targets.faults]
    if columns.missing == "drop":
        cells += features.faults
    elif columns.missing == "impute":
        cells += [fault for fault in features.faults if fault.column == columns.composition]
    missing = [fault for fault in cells if fault.missing]
    rows = np.unique(np.array([fault.row for fault in missing], dtype=np.intp))
    if len(rows) == len(frame):
        raise DataError(f"{source}: no row has a value in each column that is used; {_lacking(missing)}")
    return rows


def _stated(
    frame: pd.DataFrame, columns: Columns, targets: Encoded, beside: Mapping[str, str]
) -> tuple[NDArray[np.float64], list[CellFault]]:
    """Return the uncertainty of each target, shape (rows, targets), by its own cell or by the column beside it."""
    stated, faults = targets.uncertainty.copy(), []
    for target, name in beside.items():
        column = read_numbers(frame, name)
        faults += [fault for fault in column.faults if not fault.missing]
        negative = np.flatnonzero(column.values < 0)
        faults += [CellFault(int(row), name, f"is negative: {frame[name].iloc[row]!r}") for row in negative]
        place = columns.targets.index(target)
        stated[:, place] = np.where(np.isnan(column.values), stated[:, place], column.values)
    stated[stated == 0] = np.nan  # a single measurement, whose spread nobody knows, is written as ± 0
    return stated, faults


def _advice(fault: CellFault, columns: Columns) -> str:
    """Return which keys take a cell without a value; a target or a formula is filled by none."""
    if fault.column in columns.levels:
        return IMPUTE_TEXT
    return IMPUTE if fault.column in columns.features else DROP


def _medians(features: Encoded, columns: Columns, source: str) -> dict[str, float]:
    """Return the median of each numeric feature, which no target enters."""
    medians = {}
    for place, name in enumerate(columns.inputs):
        if name in columns.features and name not in columns.levels:
            values = features.values[:, place]
            if np.isnan(values).all():
                raise DataError(f"{source}: column '{name}' has no value at all; take it out of data.features")
            medians[name] = float(np.nanmedian(values))
    return medians


def _lacking(missing: list[CellFault]) -> str:
    counts = pd.Series([fault.column for fault in missing]).value_counts()
    return ", ".join(f"'{name}' lacks {count}" for name, count in counts.items())


def _said_of_rows(frame: pd.DataFrame, left_out: NDArray[np.intp], source: str) -> list[str]:
    if not len(left_out):
        return []
    return [f"{source}: {len(left_out)} of {len(frame)} rows lack a value and are left out: {_rows(frame, left_out)}"]


def _said_of_cells(frame: pd.DataFrame, features: Encoded, targets: Encoded, source: str) -> list[str]:
    said = []
    for column, rows in {**features.uncertain, **targets.uncertain}.items():
        what = "the uncertainty weighs the row" if column in targets.uncertain else "the uncertainty is not used"
        such = f"such as {frame[column].iloc[rows[0]]!r} in row {shown_row(frame, rows[0])}"
        said.append(f"{source}: {len(rows)} of {len(frame)} values of '{column}' have an uncertainty, {such}; {what}")
    return said


def _rows(frame: pd.DataFrame, rows: NDArray[np.intp]) -> str:
    return first_few((str(shown_row(frame, int(row))) for row in rows[:SHOWN]), of=len(rows))
