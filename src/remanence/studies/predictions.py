"""Reading of a user's table for prediction, and writing of the table with its predictions."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import shown_row, typed
from remanence.data.declared_units import check_units, units_of
from remanence.data.table_file import read_table, write_table
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.names import free_names

IN_MEMORY = "input"
"""Name of a table in memory, for error messages."""


def interval_names(targets: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return, for each target of a model, the columns of both ends of its interval; none is called as a target is.

    >>> interval_names(["d33", "d33_low"])["d33"]
    ('d33_low_2', 'd33_high')
    """
    ends = free_names([f"{target}_{end}" for target in targets for end in ("low", "high")], targets)
    return {target: (ends[2 * place], ends[2 * place + 1]) for place, target in enumerate(targets)}


def rows_to_predict(given: Any, named: Iterable[str], units: Mapping[str, str]) -> tuple[pd.DataFrame, str]:
    """Return the rows of a table in memory or in a file, and the name of the table for error messages.

    Args:
        given: table, or path of a table.
        named: columns that the model needs.
        units: units of these columns.

    Raises:
        ConfigurationError: if ``given`` is neither a table nor a path.
        DataError: if the file cannot be read, or a needed column is in another unit.
    """
    if isinstance(given, str | Path):
        frame, source = read_table(given, []), str(given)
    elif isinstance(given, pd.DataFrame):
        frame, source = given, IN_MEMORY
    else:
        raise ConfigurationError(
            f"predict: expected a DataFrame, or the path of a table, got {type(given).__name__}; the run is on tables"
        )
    check_units(frame.columns.tolist(), named, units, source)
    return frame, source


def frame_of(given: Any) -> pd.DataFrame:
    """Return what MLflow hands a logged model as a table: a table, columns by name, or rows as dictionaries."""
    if isinstance(given, Mapping) and all(np.ndim(value) == 0 for value in given.values()):
        return pd.DataFrame([given])  # a single row
    return given if isinstance(given, pd.DataFrame) else pd.DataFrame(given)


def described(levels: Sequence[str] | None) -> str:
    """Return what a logged model says of a column that it takes: known categories, or that it holds numbers."""
    return "number" if levels is None else f"one of {', '.join(levels)}"


def check_predicted(predicted: NDArray[np.float64], targets: Sequence[str], frame: pd.DataFrame, source: str) -> None:
    """Refuse predictions that are not finite, which a file would hold as empty cells.

    Args:
        predicted: predictions, shape (rows, targets).
        targets: names of the targets.
        frame: rows that were predicted.
        source: name of the file of the rows.

    Raises:
        DataError: for the first such row.
    """
    bad = np.argwhere(~np.isfinite(predicted))
    if len(bad):
        row, column = bad[0]
        rows = len(np.unique(bad[:, 0]))
        raise DataError(
            f"{source}: row {shown_row(frame, int(row))}: the prediction of '{targets[column]}' is not finite, as in "
            f"{rows} of {len(predicted)} rows: the model is damaged, or the rows are far from those it was fitted to"
        )


def with_identity(predicted: pd.DataFrame, frame: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Return the predictions after the column ``id`` of the rows, if there is one, with the units of the columns.

    Args:
        predicted: predictions of a logged model for ``frame``, with the same index.
        frame: rows of the table; a column ``ID`` also counts as the id.
        units: units of the model's columns.
    """
    names = [name for name in frame.columns if str(name).strip().lower() == "id" and name not in predicted]
    known = typed(frame[names[:1]])
    known.index = predicted.index
    joined = pd.concat([known, predicted], axis=1)
    joined.attrs = {"units": units_of(predicted.columns, units)}
    return joined


def write_predictions(frame: pd.DataFrame, predicted: pd.DataFrame, targets: Iterable[str], *, output: str) -> None:
    """Write the rows with ``<target>_predicted`` and, if the model has intervals, the ends of each interval.

    A column that the rows have already keeps its name, and the prediction gets a number, such as ``d33_predicted_2``.

    Args:
        frame: cells as read.
        predicted: predictions of a logged model for ``frame``.
        targets: names of the model's targets.
        output: path of the table to write; its ending chooses the format.

    Raises:
        DataError: if the file cannot be written.
    """
    names = {name: f"{name}_predicted" for name in targets}
    wanted = [names.get(name, name) for name in predicted.columns]
    predicted = predicted.set_axis(free_names(wanted, frame.columns), axis=1)
    write_table(pd.concat([frame, predicted], axis=1), output)
