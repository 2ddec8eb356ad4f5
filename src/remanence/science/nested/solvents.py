"""Facts of the solvents in which halide perovskites are processed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.errors import DataError

SOLVENT_UNITS = {
    "SOLV_DENSITY": "g/cm³",
    "SOLV_DIELECTRIC": "",
    "SOLV_GDN": "kcal/mol",
    "SOLV_DPM": "D",
    "SOLV_MV": "cm³/mol",
    "SOLV_UMBO": "",
}
"""Unit of each descriptor: density, relative permittivity, Gutmann donor number, dipole moment, molar volume,
unsaturated Mayer bond order."""

SOLVENT_DESCRIPTORS = tuple(SOLVENT_UNITS)
"""Descriptors of the solvents, named and ordered as in the published table."""


@dataclass(frozen=True)
class Solvent:
    """One solvent."""

    name: str
    values: tuple[float, ...]
    """Descriptors of the solvent, in the order and the units of ``SOLVENT_UNITS``."""


# Source: table of binding energies in T-NIKHIL/NestedAE (MIT).
SOLVENTS = {
    "DMSO": Solvent("dimethyl sulfoxide", (1.02, 46.7, 29.8, 3.96, 70.9, 0.39)),
    "THTO": Solvent("tetrahydrothiophene 1-oxide", (1.2, 42.84, 32.0, 4.17, 89.2, 0.399)),
    "DMF": Solvent("N,N-dimethylformamide", (0.95, 36.7, 26.7, 3.86, 77.4, 0.06)),
    "NMP": Solvent("N-methyl-2-pyrrolidone", (1.1, 32.3, 27.3, 4.09, 96.2, -0.01)),
    "ACETONE": Solvent("acetone", (0.78, 20.7, 17.5, 2.69, 73.7, -0.11)),
    "METHA": Solvent("methacrolein", (0.85, 10.9, 1.0, 2.8, 82.5, -0.08)),
    "GBL": Solvent("γ-butyrolactone", (1.05, 40.24, 18.3, 4.24, 76.5, -0.1)),
    "NITRO": Solvent("nitromethane", (1.14, 35.9, 2.7, 3.54, 53.7, 0.1)),
}
"""Abbreviation in the published table to the solvent."""


def describe_solvents(solvents: Sequence[str]) -> NDArray[np.float64]:
    """Return the descriptors of each solvent, shape (rows, descriptors), columns as in ``SOLVENT_DESCRIPTORS``.

    Raises:
        DataError: for a name that is not one of ``SOLVENTS``.

    >>> describe_solvents(["DMF"])[0, 1].item()
    36.7
    """
    for solvent in solvents:
        if solvent not in SOLVENTS:
            raise DataError(f"solvent {solvent!r}: unknown; known: {', '.join(SOLVENTS)}")
    values = [SOLVENTS[solvent].values for solvent in solvents]
    return np.array(values, dtype=np.float64).reshape(-1, len(SOLVENT_DESCRIPTORS))
