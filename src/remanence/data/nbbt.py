"""The synthetic NBT-BT campaign as a table: LPHslope, fitted to each spectrum, beside eps_r and d33."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from remanence.data.opened_table import OpenedTable
from remanence.data.source import Source
from remanence.data.table import Table
from remanence.data.table_file import check_header
from remanence.foundation.constraints import Count, NonNegative, Seed
from remanence.science.lph_slope import fit_lph_slope
from remanence.science.nbbt import FREQUENCY, SERIES, Campaign, simulate_campaign

Series = Literal["NS", "QS", "Sr", "Bi"]
COLUMNS = {
    "sample": "name of the ceramic, as in the paper (NBBT6 = 6 mol% BaTiO3)",
    "series": "NS normally sintered, QS quenched, Sr or Bi non-stoichiometric NBBT6",
    "replicate": "number of the ceramic within its composition",
    "x": "molar fraction of BaTiO3",
    "dopant": "molar excess of Sr or Bi",
    "lph_slope": "magnitude of d(eps_r)/d(ln f), per ln Hz: local polar heterogeneity",
    "lph_slope_se": "standard error of lph_slope, per ln Hz",
    "lph_slope_r2": "R² of the linear fit of eps_r against ln f",
    "eps_r": "relative permittivity at 1 kHz and room temperature",
    "d33": "piezoelectric coefficient, pC/N",
}
"""What each column of the simulated table holds."""


class NBBT(Table):
    """Rows of the simulated campaign; ``remanence.science.nbbt`` says which values the paper fixes.

    Args:
        series: series of ceramics to simulate, any of NS, QS, Sr and Bi.
        replicates: ceramics per composition; the paper made one.
        noise: scale of the measurement noise; 1 is what the instruments give.
        seed: seed of the noise.
        **table: further arguments of ``Table``.
    """

    synthetic = True
    simulator = "nbbt"
    cells_are_set = False
    without = (
        "path",
        "published",
        "header_row",
        "sheet",
        "decimal",
        "separator",
        "encoding",
        "missing",
        "uncertain",
        "uncertainty",
        "id",
        "composition",
        "abbreviations",
        "families",
    )

    def __init__(
        self,
        *,
        series: Annotated[Sequence[Series], Field(min_length=1)],
        replicates: Count = 1,
        noise: NonNegative = 1.0,
        seed: Seed = 0,
        **table: Any,
    ) -> None:
        super().__init__(**table)
        self.series, self.replicates, self.noise, self.seed = tuple(series), replicates, noise, seed

    @property
    def samples(self) -> int:
        """Number of rows."""
        return self.replicates * sum(len(SERIES[name].x) for name in self.series)

    def open(self) -> OpenedTable:
        """Simulate, check, encode and split the rows."""
        return replace(super().open(), campaign=self.simulate())

    def simulate(self) -> Campaign:
        """Return the simulated measurements that the rows are computed from; every call returns the same ones."""
        return simulate_campaign(self.series, replicates=self.replicates, noise=self.noise, seed=self.seed)

    def read(self) -> tuple[pd.DataFrame, Source]:
        """Simulate the campaign instead of reading a file."""
        frame = tabulate(self.simulate())
        content = frame.to_csv(index=False).encode()
        location = f"remanence.science.nbbt, series {', '.join(self.series)}, seed {self.seed}"
        source = Source("nbbt (synthetic)", location, hashlib.sha256(content).hexdigest(), "simulated")
        check_header(frame.columns.tolist(), self.named, source.name)
        return frame, source


def tabulate(campaign: Campaign) -> pd.DataFrame:
    """Return one row per sample with the columns of ``COLUMNS``."""
    fit = fit_lph_slope(FREQUENCY, campaign.permittivity)
    amount = [f"{100 * dopant:g}" for dopant in campaign.dopant]
    sample = [
        f"NBBT6+{series}{percent}" if dopant else f"{series}-NBBT{100 * x:g}"
        for series, x, dopant, percent in zip(campaign.series, campaign.x, campaign.dopant, amount, strict=True)
    ]
    values = {
        "sample": sample,
        "series": campaign.series,
        "replicate": campaign.replicate,
        "x": campaign.x,
        "dopant": campaign.dopant,
        "lph_slope": fit.lph_slope,
        "lph_slope_se": fit.standard_error,
        "lph_slope_r2": fit.r2,
        "eps_r": campaign.permittivity[:, np.argmin(np.abs(FREQUENCY - 1e3))],
        "d33": campaign.d33,
    }
    return pd.DataFrame(values)[list(COLUMNS)]
