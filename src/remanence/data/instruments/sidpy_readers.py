"""Files of instruments that SciFiReaders, the extra ``instruments``, reads; it is imported when one is met."""

import importlib
import warnings
from pathlib import Path
from typing import Any, get_args

import numpy as np

from remanence.data.declared_size import check_fits
from remanence.data.instruments.recorded import Recorded
from remanence.data.spectra.nsid_writer import NO_UNIT, Axis, AxisKind
from remanence.errors import DataError
from remanence.foundation.first_line import first_line

READERS = {
    ".dm3": "DMReader",
    ".dm4": "DMReader",
    ".emd": "EMDReader",
    ".rto": "BrukerReader",
    ".spm": "BrukerAFMReader",
    ".mdt": "MDTReader",
    ".axz": "AxzReader",
}
"""Ending of a file to the class that reads it; NanoScope also numbers its files: ``scan.000``."""
GROWTH = 8
"""Times that the values of a file stand in memory, or are larger there, while it is read."""


def reader_of(path: Path) -> str | None:
    """Return the name of the class of SciFiReaders that reads a file, or None."""
    ending = path.suffix.lower()
    return "BrukerAFMReader" if ending[1:].isdigit() and len(ending) == 4 else READERS.get(ending)


def read_by_sidpy(path: Path) -> list[Recorded]:
    """Return what a reader of SciFiReaders finds in a file.

    Raises:
        DataError: if SciFiReaders is not installed, or cannot read the file.
    """
    name = reader_of(path)
    check_fits(f"{path}", path.stat().st_size * GROWTH)
    try:
        readers = importlib.import_module("SciFiReaders")
    except ImportError as error:
        need = "pip install 'remanence[instruments]'"
        raise DataError(f"{path}: is read by SciFiReaders, which cannot be imported ({error}); {need}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sidpy, on what it will do otherwise in another version
            reader = getattr(readers, str(name))(str(path))
            found = reader.read()
            listed = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else [found]
            recorded = [_recorded(dataset) for dataset in listed if hasattr(dataset, "_axes")]
            _close(reader)
    except Exception as error:  # a reader raises whatever it meets in a file that is not what it expects
        raise DataError(
            f"{path}: {name} of SciFiReaders cannot read it: {type(error).__name__}: {first_line(error)}"
        ) from error
    if not recorded:
        raise DataError(f"{path}: {name} of SciFiReaders finds nothing in it")
    return recorded


def _recorded(dataset: Any) -> Recorded:
    axes = [_axis(dataset._axes[number]) for number in range(dataset.ndim)]
    title = str(dataset.title or dataset.quantity).rpartition("/")[-1]
    return Recorded(title, np.array(dataset), axes, _unit(dataset.units))


def _axis(dimension: Any) -> Axis:
    kind = dimension.dimension_type.name
    known: AxisKind = kind if kind in get_args(AxisKind) else "UNKNOWN"
    values = np.array(dimension.values)
    return Axis(str(dimension.name), values, _unit(dimension.units), _unit(dimension.quantity), known)


def _unit(text: object) -> str:
    return "" if text in (None, NO_UNIT) else str(text)


def _close(reader: Any) -> None:
    """Close the file that some readers leave open; its values are in memory by now."""
    for name in ("_h5_file", "h5_file", "_input_file"):
        handle: Any = getattr(reader, name, None)
        if hasattr(handle, "close"):
            handle.close()
