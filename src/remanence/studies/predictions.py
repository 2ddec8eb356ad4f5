"""Reading of a user's table for prediction, and writing of the table with its predictions."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import shown_row, typed
from remanence.data.declared_units import as_named, name_and_unit, units_of
from remanence.data.table_file import FOUND, read_table, write_table
from remanence.data.table_format import TableFormat
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


def rows_to_predict(
    given: Any, named: Iterable[str], units: Mapping[str, str], format: TableFormat = FOUND
) -> tuple[pd.DataFrame, str]:
    """Return the rows of a table in memory or in a file, and the name of the table for error messages.

    Args:
        given: table, or path of a table.
        named: columns that the model needs.
        units: units of these columns.
        format: what is known of the file.

    Raises:
        ConfigurationError: if ``given`` is neither a table nor a path.
        DataError: if the file cannot be read, or a needed column is in another unit.
    """
    if isinstance(given, str | Path):
        named = list(named)
        frame, source = read_table(given, [], format, looked_for=named), str(given)
    elif isinstance(given, pd.DataFrame):
        frame, source = given, IN_MEMORY
    else:
        raise ConfigurationError(
            f"predict: expected a DataFrame, or the path of a table, got {type(given).__name__}; the run is on tables"
        )
    return as_named(frame, named, units, source), source


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


def with_identity(
    predicted: pd.DataFrame, frame: pd.DataFrame, units: Mapping[str, str], id_column: str | None = None
) -> pd.DataFrame:
    """Return the predictions after the column that names the rows, if there is one, with the units of the columns.

    Args:
        predicted: predictions of a logged model for ``frame``, with the same index.
        frame: rows of the table.
        units: units of the model's columns.
        id_column: column that names the rows; None, or where it is not there: a column called id.
    """
    names = [name for name in id_columns(frame, id_column) if name not in predicted]
    known = typed(frame[names[:1]])
    known.index = predicted.index
    joined = pd.concat([known, predicted], axis=1)
    joined.attrs = {"units": units_of(predicted.columns, units)}
    return joined


def id_columns(frame: pd.DataFrame, id_column: str | None) -> list[str]:
    """Return the column that names the rows of a table, in a list that is empty if there is none.

    >>> id_columns(pd.DataFrame(columns=["x", "ID"]), None), id_columns(pd.DataFrame(columns=["x", "ID"]), "x")
    (['ID'], ['x'])
    """
    if id_column is not None and id_column in frame.columns:
        return [id_column]
    return [name for name in frame.columns if str(name).strip().lower() == "id"][:1]


def write_predictions(frame: pd.DataFrame, predicted: pd.DataFrame, targets: Iterable[str], *, output: str) -> None:
    """Write the rows with their predictions in columns ``<target>`` and, if the model has intervals, their ends.

    A column that the rows have already keeps its name: beside a measured ``<target>``, the prediction is called
    ``<target>_predicted``, and whatever else would meet gets a number, such as ``d33_low_2``.

    Args:
        frame: cells as read.
        predicted: predictions of a logged model for ``frame``.
        targets: names of the model's targets.
        output: path of the table to write; its ending chooses the format.

    Raises:
        DataError: if the file cannot be written.
    """
    measured = {name_and_unit(str(name))[0] for name in frame.columns}  # d33 is also d33 (pC/N)
    names = {name: f"{name}_predicted" for name in targets if name_and_unit(name)[0] in measured}
    wanted = [names.get(name, name) for name in predicted.columns]
    predicted = predicted.set_axis(free_names(wanted, frame.columns), axis=1)
    write_table(pd.concat([frame, predicted], axis=1), output)
