"""A user's table with what a model predicts for its rows."""

from collections.abc import Iterable

import pandas as pd

from remanence.data.table_file import write_table
from remanence.errors import DataError


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
