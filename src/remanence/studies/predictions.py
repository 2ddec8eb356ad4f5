"""A user's table with what a model predicts for its rows."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from remanence.data.cells import typed
from remanence.data.declared_units import check_units, units_of
from remanence.data.table_file import read_table, write_table
from remanence.errors import ConfigurationError, DataError

IN_MEMORY = "input"
"""What messages call a table that comes from no file."""


def rows_to_predict(given: Any, named: Iterable[str], units: Mapping[str, str]) -> tuple[pd.DataFrame, str]:
    """Return the rows of a table in memory or in a file, and what messages call it.

    Args:
        given: a table, or the path of one.
        named: columns that the model needs.
        units: declared for them.

    Raises:
        ConfigurationError: if it is neither.
        DataError: if the file cannot be read, or has a named column in another unit.
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
    """Return predictions behind the column ``id`` of their rows, where there is one, with the units of the columns.

    Args:
        predicted: what a logged model returns for ``frame``, under the same index.
        frame: the rows; ``ID`` is an id as well.
        units: of the model's columns.
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
    """Write the rows with ``<target>_predicted`` and, where the model has them, the ends of its interval.

    Args:
        frame: the cells as read.
        predicted: what a logged model returns for them.
        targets: of the model.
        source: file of the rows, for messages.
        output: of a table by its ending.

    Raises:
        DataError: if a column of that name is there already, or the file cannot be written.
    """
    predicted = predicted.rename(columns={name: f"{name}_predicted" for name in targets})
    for name in predicted.columns:
        if name in frame.columns:
            raise DataError(f"{source}: already has a column '{name}'; rename it")
    write_table(pd.concat([frame, predicted], axis=1), output)
