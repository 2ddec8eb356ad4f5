"""Tables of the synthetic chain of three scales: the published files, or rows drawn anew."""

from pathlib import Path

import numpy as np
import pandas as pd

from remanence.data.array_file import load_array
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.multiscale import COLUMNS, Values, simulate_multiscale

KEY = "sample"
"""Column that says which rows of the scales belong together: 0 … rows − 1."""

PUBLISHED_NOISE = {1.0: "1", 0.1: "1Em1"}
"""Standard deviation of the noise to how file names write it."""


def read_multiscale(folder: str | Path, noise: float) -> dict[str, pd.DataFrame]:
    """Read ``dataset_scale_{1,2,3}_1000_*.npy``.

    Args:
        folder: where the files lie.
        noise: one of ``PUBLISHED_NOISE``.

    Returns:
        scale to a table with the columns ``sample`` and those of ``science.nested.multiscale.COLUMNS``.

    Raises:
        ConfigurationError: if there are no files of this noise.
        DataError: if a file is missing or has another shape.
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
    """Draw the scales anew; arguments as ``simulate_multiscale``, tables as ``read_multiscale``."""
    return _tables(simulate_multiscale(rows=rows, noise=noise, seed=seed, noise_seed=noise_seed))


def _tables(arrays: dict[str, Values]) -> dict[str, pd.DataFrame]:
    tables = {scale: pd.DataFrame(array, columns=list(COLUMNS[scale])) for scale, array in arrays.items()}
    for table in tables.values():
        table.insert(0, KEY, np.arange(len(table)))
    return tables
