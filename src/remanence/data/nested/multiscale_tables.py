"""Tables of the synthetic chain of three scales, read from the published files or simulated."""

from pathlib import Path

import numpy as np
import pandas as pd

from remanence.data.array_file import load_array
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.multiscale import COLUMNS, Values, simulate_multiscale

KEY = "sample"
"""Column with the number of the sample, 0 … rows − 1; it joins the rows of the three scales."""

PUBLISHED_NOISE = {1.0: "1", 0.1: "1Em1"}
"""Standard deviation of the noise to its spelling in the file names."""


def read_multiscale(folder: str | Path, noise: float) -> dict[str, pd.DataFrame]:
    """Read ``dataset_scale_{1,2,3}_1000_*.npy``.

    Args:
        folder: folder of the files.
        noise: standard deviation of the noise, one of ``PUBLISHED_NOISE``.

    Returns:
        a table for each scale, with the column ``sample`` and the columns of ``science.nested.multiscale.COLUMNS``.

    Raises:
        ConfigurationError: if no files with this noise are published.
        DataError: if a file is missing or has the wrong shape.
    """
    if noise not in PUBLISHED_NOISE:
        published = ", ".join(f"{value:g}" for value in PUBLISHED_NOISE)
        raise ConfigurationError(f"data.noise: no published table with noise {noise:g}; published: {published}")
    arrays: dict[str, Values] = {}
    for number, (scale, columns) in enumerate(COLUMNS.items(), start=1):
        path = Path(folder) / f"dataset_scale_{number}_1000_{PUBLISHED_NOISE[noise]}.npy"
        array = load_array(path)
        if array.shape != (1000, len(columns)):
            raise DataError(f"{path}: has the shape {array.shape}; expected (1000, {len(columns)})")
        arrays[scale] = np.asarray(array, dtype=np.float64)
    return _tables(arrays)


def simulated_tables(
    *, rows: int = 1000, noise: float = 1.0, seed: int = 100, noise_seed: int = 42
) -> dict[str, pd.DataFrame]:
    """Simulate the scales; arguments as in ``simulate_multiscale``, tables as in ``read_multiscale``."""
    return _tables(simulate_multiscale(rows=rows, noise=noise, seed=seed, noise_seed=noise_seed))


def _tables(arrays: dict[str, Values]) -> dict[str, pd.DataFrame]:
    tables = {scale: pd.DataFrame(array, columns=list(COLUMNS[scale])) for scale, array in arrays.items()}
    for table in tables.values():
        table.insert(0, KEY, np.arange(len(table)))
    return tables
