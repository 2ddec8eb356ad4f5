"""Columns computed from names: descriptors of the ions in a composition, and of a solvent."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import is_empty, shown_row
from remanence.errors import DataError
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.descriptors import FEATURE_UNITS, FEATURES, describe
from remanence.science.nested.ions import IONS, SITES
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS, SOLVENT_UNITS, describe_solvents
from remanence.science.nested.tabulated_ions import PROPERTY_UNITS, SITE_PROPERTIES, tabulated_properties

FROM_COMPOSITION = (*IONS, *FEATURES, *SITE_PROPERTIES)
"""Columns computed from a formula: the fraction of each ion, and the ion descriptors of 2025 and of 2024."""

UNITS = {
    **FEATURE_UNITS,
    **SOLVENT_UNITS,
    **{f"{site}_{name}": unit for site in SITES for name, unit in PROPERTY_UNITS.items()},
}


def add_descriptors(
    frame: pd.DataFrame, source: str, *, composition: str | None = None, solvent: str | None = None
) -> pd.DataFrame:
    """Return ``frame`` with the columns computed from its formulas and solvents.

    Columns of ``frame`` that have the name of a computed column are replaced.

    Args:
        frame: cells as read.
        source: name of the file, for error messages.
        composition: column of formulas such as ``MAPbI3``; None if there is no such column.
        solvent: column of solvent abbreviations; None if there is no such column.

    Raises:
        DataError: for a formula with an unknown ion or for an unknown solvent, naming file, row and column.
    """
    added: dict[str, NDArray[np.float64]] = {}
    if composition is not None:
        fractions = _each(frame, composition, source, ion_fractions)
        values = np.concatenate([fractions, describe(fractions), tabulated_properties(fractions)], axis=1)
        added |= dict(zip(FROM_COMPOSITION, values.T, strict=True))
    if solvent is not None:
        added |= dict(zip(SOLVENT_DESCRIPTORS, _each(frame, solvent, source, describe_solvents).T, strict=True))
    kept = frame.drop(columns=[column for column in frame.columns if column in added])
    return pd.concat([kept, pd.DataFrame(added, index=frame.index)], axis=1)


def _each(
    frame: pd.DataFrame, column: str, source: str, values_of: Callable[[list[str]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Apply ``values_of`` to the cells of a column, shape (rows, values); an error names the row."""
    cells = ["" if is_empty(cell) else str(cell).strip() for cell in frame[column]]
    try:
        return values_of(cells)
    except DataError:
        for row, cell in enumerate(cells):
            try:
                values_of([cell])
            except DataError as error:
                where = f"{source}: row {shown_row(frame, row)}, column '{column}'"
                raise DataError(f"{where}: {error}" if cell else f"{where} is empty") from None
        raise
