"""The published tables of halide perovskites: band gaps, binding energies with solvents, and solar cells."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from remanence.data.nested.chain import Chain
from remanence.data.nested.compositions import UNITS, add_descriptors
from remanence.data.nested.perovskite_tables import read_binding, read_devices, read_gaps
from remanence.data.nested.source_table import SourceTable
from remanence.data.nested.standardised_table import read_standardised
from remanence.data.published import fetch
from remanence.data.source import Source
from remanence.errors import DataError
from remanence.foundation.constraints import FileName

FILES: dict[str, tuple[str, Callable[[Path], pd.DataFrame]]] = {
    "gaps": ("perov_bandgaps_PBE.csv", read_gaps),
    "gaps_2024": ("mhp_bandgaps_standardised_494.csv", read_standardised),
    "binding": ("perov_solv_BE_for_nestedae.csv", read_binding),
    "devices": ("PSC_efficiencies_dataset.csv", read_devices),
}
"""File and reader of each table."""

CATEGORICAL = ("solvent", "etl", "htl", "substrate", "atmosphere", "test_atmosphere", "scan_speed", "gap_basis")
PROPERTIES = {"gap": "eV", "band_gap": "eV", "assumed_gap": "eV", "binding_energy": "kJ/mol", "pce": "%"}


class Perovskite(Chain):
    """The published tables ``gaps``, ``gaps_2024``, ``binding`` and ``devices``, with descriptors from the formulas.

    Args:
        dir: folder with the published files; None takes the cache folder and fetches missing files.
        **chain: further arguments of ``Chain``.
    """

    without = ("tables",)

    def __init__(self, *, dir: FileName | None = None, **chain: Any) -> None:
        super().__init__(**chain)
        self.dir = dir

    @property
    def known_tables(self) -> Sequence[str]:
        """Names of the published tables."""
        return list(FILES)

    def read(self, name: str) -> SourceTable:
        """Read one of the published tables."""
        file, reader = FILES[name]
        path = fetch(f"perovskite/{file}") if self.dir is None else Path(self.dir) / file
        if not path.is_file():
            raise DataError(f"data.dir: {path.parent} has no file {file}")
        frame = reader(path)
        solvent = "solvent" if "solvent" in frame else None
        frame = add_descriptors(frame, path.name, composition="composition", solvent=solvent)
        return SourceTable(frame, Source.of_file(path), "composition", solvent, CATEGORICAL, {**UNITS, **PROPERTIES})
