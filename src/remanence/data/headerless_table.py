"""Tables whose file has no header."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from remanence.data.table_file import read_table
from remanence.data.table_format import TableFormat
from remanence.errors import DataError


def read_headerless(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table without header as ``read_table`` does, and name its columns ``columns``.

    The index starts at -1, so that error messages call the first row of the file row 1.

    Raises:
        DataError: if the file is missing or unreadable, or if its number of columns is not that of ``columns``.
    """
    frame = read_table(path, [], TableFormat(header_row=0))
    if frame.shape[1] != len(columns):
        raise DataError(f"{path}: has {frame.shape[1]} columns; expected {len(columns)} without a header")
    return frame.set_axis(list(columns), axis=1)
