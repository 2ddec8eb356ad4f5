"""A table of experiments that are being made: ``pending=made.csv``."""

import pandas as pd

from remanence.data.columns import Columns
from remanence.errors import DataError
from remanence.studies.design.listed_candidates import read_candidates
from remanence.studies.design.named_inputs import raw_inputs


def read_pending(path: str, columns: Columns) -> pd.DataFrame:
    """Return the inputs of experiments that are being made, each once.

    Args:
        path: path of a table, such as the one that an earlier suggestion was written to.
        columns: meaning of the model's columns.

    Raises:
        DataError: if the file cannot be read, lacks an input of the model, or has a cell that the model cannot take.
    """
    rows, inputs = read_candidates(path, columns), raw_inputs(columns)
    if missing := [name for name in inputs if name not in rows]:
        raise DataError(f"{path}: has no column '{missing[0]}'; a pending experiment needs {', '.join(inputs)}")
    return rows[inputs]
