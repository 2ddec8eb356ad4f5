"""Tables whose file has no header."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from remanence.data.table_file import read_table
from remanence.errors import DataError


def read_headerless(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read the cells of a table without header under the names ``columns``; as ``read_table`` otherwise.

    The index starts at -1, so that messages count the first row of the file as row 1.

    Raises:
        DataError: if the file is missing, unreadable, or has another number of columns.
    """
    below = read_table(path, [])
    if below.shape[1] != len(columns):
        raise DataError(f"{path}: has {below.shape[1]} columns; expected {len(columns)} without a header")
    frame = pd.DataFrame([below.columns.tolist(), *below.values.tolist()], columns=list(columns), dtype=object)
    frame.index = pd.Index([-1, *below.index])
    return frame
