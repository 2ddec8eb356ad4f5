"""Tables whose file has no header."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from remanence.data.table_file import read_table
from remanence.errors import DataError


def read_headerless(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table without header as ``read_table`` does, and name its columns ``columns``.

    The index starts at -1, so that error messages call the first row of the file row 1.

    Raises:
        DataError: if the file is missing or unreadable, or if its number of columns is not that of ``columns``.
    """
    below = read_table(path, [])
    if below.shape[1] != len(columns):
        raise DataError(f"{path}: has {below.shape[1]} columns; expected {len(columns)} without a header")
    frame = pd.DataFrame([below.columns.tolist(), *below.values.tolist()], columns=list(columns), dtype=object)
    frame.index = pd.Index([-1, *below.index])
    return frame
