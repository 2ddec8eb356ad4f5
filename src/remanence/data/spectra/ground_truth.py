"""The ground truth that is stored with a simulated scan: latent factors, noise-free loops and outliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.h5usid import describe_h5usid
from remanence.data.spectra.h5usid_writer import H5UsidWriter
from remanence.data.spectra.loop_selection import Fields, Selection, Which, select_loops
from remanence.data.spectra.main_dataset import MainDataset
from remanence.errors import DataError
from remanence.science.band_excitation.switching import FACTORS

LOOPS = {"Piezoresponse": "arb. units", "Resonance_Frequency": "kHz", "Quality_Factor": ""}
"""Names and units of the stored loops; the dataset ``Outliers`` is stored beside them."""


@dataclass(frozen=True)
class GroundTruth:
    """The true values of one loop of every pixel."""

    names: tuple[str, ...]
    """Names of the latent factors."""
    units: tuple[str, ...]
    factors: NDArray[np.float64]
    """Values of the latent factors, shape (pixels, factors)."""
    piezoresponse: NDArray[np.float64]
    """Signed piezoresponse, arb. units, shape (pixels, bias steps)."""
    resonance_frequency: NDArray[np.float64]
    """Resonance frequency including its drift, kHz, shape (pixels, bias steps)."""
    quality_factor: NDArray[np.float64]
    """Quality factor of the resonance, shape (pixels, bias steps)."""
    outliers: NDArray[np.bool_]
    """Which spectra hold noise only, shape (pixels, bias steps)."""


def write_ground_truth(
    writer: H5UsidWriter,
    channel: str,
    positions: Sequence[Dimension],
    loop: Sequence[Dimension],
    factors: NDArray[np.float64],
) -> dict[str, h5py.Dataset]:
    """Write the latent factors (pixels, factors), and return empty datasets of the loops, to be filled row by row."""
    group = f"{channel}/Ground_Truth"
    units = [factor.unit for factor in FACTORS.values()]
    writer.array(f"{group}/Latent_Factors", factors, labels=list(FACTORS), units=units)
    made = {
        name: writer.main(f"{group}/{name}", positions, loop, dtype=np.float32, quantity=name, units=unit)
        for name, unit in LOOPS.items()
    }
    outliers = writer.main(f"{group}/Outliers", positions, loop, dtype=bool, quantity="Outliers", units="")
    return {**made, "Outliers": outliers}


def read_ground_truth(raw: MainDataset, *, field: Fields = "off", cycle: Which = -1) -> GroundTruth:
    """Read the ground truth that the simulator stored beside ``raw``; ``field`` and ``cycle`` as in ``Selection``.

    Of several loops, the steps follow each other.

    Raises:
        DataError: if the scan was not simulated.
    """
    group = f"{raw.path.rpartition('/')[0]}/Ground_Truth"
    latent = raw.file.dataset(f"{group}/Latent_Factors")
    factors = raw.file.values(latent.name)
    names, units = raw.file.texts(latent, "labels"), raw.file.texts(latent, "units")
    measured = int((~raw.grid.holes).sum())
    if factors.shape != (measured, len(names)):
        expected = f"expected {(measured, len(names))}"
        raise DataError(f"{raw.file.path}: {latent.name} has the shape {factors.shape}; {expected}")

    def loop(name: str) -> NDArray[Any]:
        main = describe_h5usid(raw.file, f"{group}/{name}")
        return main.read()[:, select_loops(main, Selection(field, cycle)).points[..., 0].reshape(-1)]

    return GroundTruth(
        names=tuple(names),
        units=tuple(units),
        factors=np.where(raw.grid.holes[:, None], np.nan, factors[raw.grid.rows_of_file]),
        piezoresponse=loop("Piezoresponse").astype(np.float64),
        resonance_frequency=loop("Resonance_Frequency").astype(np.float64),
        quality_factor=loop("Quality_Factor").astype(np.float64),
        outliers=loop("Outliers").astype(bool),
    )
