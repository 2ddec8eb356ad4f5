"""A table of candidates that a user has written: ``candidates=powders.xlsx``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from remanence.data.category_column import read_categories
from remanence.data.cell_faults import CellFault, refuse_cells
from remanence.data.columns import Columns
from remanence.data.composition_column import read_compositions
from remanence.data.declared_units import as_named
from remanence.data.number_column import read_numbers
from remanence.data.table_file import read_table
from remanence.errors import DataError
from remanence.studies.design.named_inputs import raw_inputs
from remanence.studies.predictions import id_columns


def read_candidates(path: str, columns: Columns, *, beside: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows of a table of candidates: its column ``id``, and the inputs of the model that it has.

    Args:
        path: path of a table; rows with equal inputs count once.
        columns: meaning of the model's columns.
        beside: further columns to keep, as far as the table has them.

    Raises:
        DataError: if the file cannot be read, has no input of the model, has one in another unit, or has a cell that
            the model cannot take.
    """
    source, inputs = Path(path).name, raw_inputs(columns)
    frame = as_named(read_table(path, []), inputs, columns.units, source)
    found = [name for name in inputs if name in frame]
    if not found:
        raise DataError(f"{path}: no column of it is an input of the run, which are {', '.join(inputs)}")
    rows, faults = dict[str, Any](), list[CellFault]()
    for name in found:
        if name == columns.composition:
            faults += read_compositions(frame, name, columns.abbreviations).faults
            rows[name] = [str(cell).strip() for cell in frame[name]]
        elif name in columns.levels:
            category = read_categories(frame, name, columns.levels[name])
            faults += category.faults
            rows[name] = [columns.levels[name][place] for place in category.codes.argmax(axis=1)]
        else:
            column = read_numbers(frame, name, uncertain=columns.uncertain == "value")
            faults += column.faults
            rows[name] = column.values
    refuse_cells(faults, frame, source)
    known = pd.DataFrame(rows)
    names = id_columns(frame, columns.id)
    names += [name for name in beside if name in frame and name not in [*names, *found]]
    kept = frame[names].reset_index(drop=True).assign(**known)
    return kept[~known.duplicated().to_numpy()].reset_index(drop=True)
