"""Reading of a user's table for prediction, and writing of the table with its predictions."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from remanence.data.cells import typed
from remanence.data.declared_units import check_units, units_of
from remanence.data.table_file import read_table, write_table
from remanence.errors import ConfigurationError, DataError

IN_MEMORY = "input"
"""Name of a table in memory, for error messages."""


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


def write_predictions(
    frame: pd.DataFrame, predicted: pd.DataFrame, targets: Iterable[str], *, source: str, output: str
) -> None:
    """Write the rows with ``<target>_predicted`` and, if the model has intervals, the ends of each interval.

    Args:
        frame: cells as read.
        predicted: predictions of a logged model for ``frame``.
        targets: names of the model's targets.
        source: name of the file of the rows, for error messages.
        output: path of the table to write; its ending chooses the format.

    Raises:
        DataError: if the table already has a column of such a name, or the file cannot be written.
    """
    predicted = predicted.rename(columns={name: f"{name}_predicted" for name in targets})
    for name in predicted.columns:
        if name in frame.columns:
            raise DataError(f"{source}: already has a column '{name}'; rename it")
    write_table(pd.concat([frame, predicted], axis=1), output)
