"""Readers of the published perovskite tables: band gaps, binding energies with solvents, and solar cells.

Every composition is written as ``format_composition`` writes it, so that rows of different tables can be joined.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import is_empty, numbers, shown_row
from remanence.data.table_file import read_table
from remanence.errors import DataError
from remanence.science.nested.composition import format_composition, ion_fractions
from remanence.science.nested.ions import DESCRIPTORS, IONS, SITE_IONS

PUBLISHED_DESCRIPTORS = DESCRIPTORS[:15]
"""Descriptors that are columns of the published table of gaps."""

NOT_REPORTED = "not reported"

COMMON_GAP = 1.6
"""Band gap, in eV, that four in ten rows of the table of devices have."""

ROUNDING = 1e-3
"""Tolerance for the rounding of the published fractions, which have three decimals."""


def read_gaps(path: str | Path) -> pd.DataFrame:
    """Read ``perov_bandgaps_PBE.csv``: 358 compositions.

    Returns:
        ``composition``, ``gap`` (PBE, eV) and the columns ``PUBLISHED_DESCRIPTORS`` (units: ``ions.UNITS``).

    Raises:
        DataError: for a bad cell, or for a formula that contradicts the fractions in its row, naming the row.
    """
    source = Path(path).name
    frame = read_table(path, ["Formula", "Gap", *IONS, *PUBLISHED_DESCRIPTORS])
    fractions = _fractions(frame, "Formula", source)
    listed = np.stack([numbers(frame, ion, source) for ion in IONS], axis=1)  # (rows, ions)
    apart = np.abs(fractions - listed).max(axis=1)
    if (apart > ROUNDING).any():
        row = int(apart.argmax())
        raise DataError(
            f"{source}: row {shown_row(frame, row)}, column 'Formula' is {frame['Formula'].iloc[row]!r}, "
            f"but the fractions of the row are those of {format_composition(listed[row])}"
        )
    columns = {name: numbers(frame, name, source) for name in PUBLISHED_DESCRIPTORS}
    gap = numbers(frame, "Gap", source)
    return pd.DataFrame({"composition": _formulas(fractions), "gap": gap, **columns}, index=frame.index)


def read_binding(path: str | Path) -> pd.DataFrame:
    """Read ``perov_solv_BE_for_nestedae.csv``: 30 lead halides in each of 8 solvents.

    The file also holds the latents of the authors' network, which are not read.

    Returns:
        ``composition``, ``solvent`` (abbreviation, see ``solvents.SOLVENTS``) and ``binding_energy`` (kJ/mol).

    Raises:
        DataError: for a bad cell, naming its row.
    """
    source = Path(path).name
    halides = SITE_IONS["X"]
    frame = read_table(path, ["Cation", "SOLVENT", "Target", *halides])
    amounts = np.stack([numbers(frame, ion, source) for ion in halides], axis=1)  # (rows, halides)
    formulas = [
        f"{cation}Pb({''.join(f'{ion}{share:.6f}' for ion, share in zip(halides, row, strict=True))})3"
        for cation, row in zip(frame["Cation"], amounts, strict=True)
    ]
    columns = {
        "composition": _formulas(_fractions(frame.assign(Cation=formulas), "Cation", source)),
        "solvent": _words(frame, "SOLVENT", source),
        "binding_energy": numbers(frame, "Target", source),
    }
    return pd.DataFrame(columns, index=frame.index)


def read_devices(path: str | Path) -> pd.DataFrame:
    """Read ``PSC_efficiencies_dataset.csv``: 2018 solar cells.

    Returns:
        A table with these columns.

        Text, ``NOT_REPORTED`` where the published table has none: ``composition``; ``etl`` and ``htl``, the electron
        and hole transport layers; ``substrate``; ``atmosphere`` of the measurement, Air or N2; ``test_atmosphere``, the
        atmosphere in more detail; ``scan_speed`` of the measurement (mV/s); ``gap_basis``, how the gap was found.

        Numbers: ``pce``, the power conversion efficiency of the reverse scan (%); ``band_gap`` (eV), as measured or
        estimated by those who made the cell, NaN in the 589 rows without one; ``assumed_gap``, the same with
        ``COMMON_GAP`` in these 589 rows.

    Raises:
        DataError: for a bad cell, naming its row.
    """
    source = Path(path).name
    words = {
        "etl": "ETL_stack_sequence",
        "htl": "HTL_stack_sequence",
        "substrate": "Substrate_stack_sequence",
        "atmosphere": "Air or N2",
        "test_atmosphere": "JV_test_atmosphere",
    }
    reported = {"scan_speed": "JV_scan_speed", "gap_basis": "Perovskite_band_gap_estimation_basis"}
    formula, gap, efficiency = "Perovskite_composition_long_form", "Perovskite_band_gap", "JV_reverse_scan_PCE"
    frame = read_table(path, [formula, gap, efficiency, *words.values(), *reported.values()])
    measured = frame[~frame[gap].map(is_empty)]
    band_gap = pd.Series(numbers(measured, gap, source), index=measured.index).reindex(frame.index)
    columns = {
        "composition": _formulas(_fractions(frame, formula, source)),
        **{name: _words(frame, column, source) for name, column in words.items()},
        **{
            name: [NOT_REPORTED if is_empty(cell) else str(cell).strip() for cell in frame[column]]
            for name, column in reported.items()
        },
        "pce": numbers(frame, efficiency, source),
        "band_gap": band_gap,
        "assumed_gap": band_gap.fillna(COMMON_GAP),
    }
    return pd.DataFrame(columns, index=frame.index)


def _fractions(frame: pd.DataFrame, column: str, source: str) -> NDArray[np.float64]:
    """Return the ion fractions of the formulas in ``column``, shape (rows, ions)."""
    rows = []
    for row, cell in enumerate(frame[column]):
        try:
            rows.append(ion_fractions([str(cell)]))
        except DataError as error:
            raise DataError(f"{source}: row {shown_row(frame, row)}, column '{column}': {error}") from None
    return np.concatenate(rows)


def _formulas(fractions: NDArray[np.float64]) -> list[str]:
    return [format_composition(row) for row in fractions]


def _words(frame: pd.DataFrame, column: str, source: str) -> list[str]:
    for row, cell in enumerate(frame[column]):
        if is_empty(cell):
            raise DataError(f"{source}: row {shown_row(frame, row)}, column '{column}' is empty")
    return [str(cell).strip() for cell in frame[column]]
