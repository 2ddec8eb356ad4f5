"""A tracked model on spectra: those of its own run, or another scan of the same kind."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from remanence.configuration.build import build
from remanence.data.spectra.h5usid_writer import SUFFIXES, new_hdf5
from remanence.data.spectra.spectra import Spectra
from remanence.errors import ConfigurationError, DataError
from remanence.studies.unmixing.results import channel_rmse
from remanence.tracking.logged_spectra import SpectralModel

WHERE = {"Raw": "path", "BEPS": "dir", "Toy": "image"}
"""Class of the data to the key that says what is read."""


def open_spectra(stored: Mapping[str, Any], other: str | None) -> Spectra:
    """Open the spectra of a run, or others that are read in the same way.

    Args:
        stored: the run's ``data`` node.
        other: a file or folder in the place of the run's own.

    Raises:
        DataError: if they cannot be read.
    """
    node = dict(stored)
    if other is not None:
        kind = str(node["_target_"]).rpartition(".")[2]
        if kind not in WHERE:
            raise ConfigurationError(f"data: spectra of {kind} come from no file that could be given")
        node[WHERE[kind]] = other
    spectra: Spectra = build("data", node).open()
    return spectra


def evaluate_spectra(loaded: SpectralModel, stored: Mapping[str, Any], other: str | None) -> dict[str, float]:
    """Return the errors of a model: on the run's own test pixels, or on all usable ones of other spectra."""
    data = open_spectra(stored, other)
    rows = data.fold.test if other is None else np.flatnonzero(data.valid)
    measured = data.measured.values[rows]
    error = loaded.predict(measured)["reconstruction"] - measured
    mse = float(np.mean((error / loaded.scaling.sd) ** 2))
    return {"pixels": float(len(rows)), "test/mse": mse, **channel_rmse(error, data)}


def predict_spectra(loaded: SpectralModel, stored: Mapping[str, Any], source: str, output: str) -> int:
    """Write latents and reconstructions of all pixels of a scan as HDF5 and return their number.

    Datasets ``embedding`` (pixels, latents), ``measured`` and ``reconstruction`` (pixels, steps, channels), ``axis``
    (steps,) and ``valid`` (pixels,); masked pixels hold NaN. The map's rows and columns are the attribute ``shape``.

    Raises:
        DataError: if the scan cannot be read or the file cannot be written.
    """
    if not output.endswith(SUFFIXES):  # before the scan is read, which can take minutes
        raise DataError(f"output: spectra are written as {' or '.join(SUFFIXES)}, got '{output}'")
    data = open_spectra(stored, source)
    predicted = loaded.predict(data.measured.values[data.valid])
    with new_hdf5(output) as file:
        for name, values in predicted.items():
            full = np.full((len(data.valid), *values.shape[1:]), np.nan)
            full[data.valid] = values
            file[name] = full
        file["measured"], file["axis"], file["valid"] = data.measured.values, data.measured.axis, data.valid
        file["axis"].attrs["label"] = data.measured.axis_label
        file["measured"].attrs["channels"] = list(data.measured.channels)
        if data.scene is not None:
            file.attrs["shape"] = data.scene.shape
    return len(data.valid)
