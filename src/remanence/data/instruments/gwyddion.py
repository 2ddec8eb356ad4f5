"""Images of Gwyddion, ``.gwy``, by the package gwyfile.

SciFiReaders 0.12.7 takes the columns for rows where there are as many of both, and drops where the image begins.
"""

import importlib
from pathlib import Path

import numpy as np

from remanence.data.declared_size import check_fits
from remanence.data.instruments.recorded import Recorded
from remanence.data.spectra.nsid_writer import Axis
from remanence.errors import DataError
from remanence.foundation.first_line import first_line


def read_gwy(path: Path) -> list[Recorded]:
    """Return each image as (rows, columns); the first row is the upper one, and Y counts down from it.

    Raises:
        DataError: if gwyfile is not installed, or cannot read the file, or there is no image in it.
    """
    check_fits(f"{path}", path.stat().st_size * 3)
    try:
        gwyfile = importlib.import_module("gwyfile")
        util = importlib.import_module("gwyfile.util")
    except ImportError as error:
        need = "pip install 'remanence[instruments]'"
        raise DataError(f"{path}: is read by gwyfile, which cannot be imported ({error}); {need}") from error
    try:
        fields = util.get_datafields(gwyfile.load(str(path)))
        images = [_image(name, field) for name, field in fields.items()]
    except Exception as error:  # gwyfile raises whatever it meets in a damaged file
        raise DataError(f"{path}: gwyfile cannot read it: {type(error).__name__}: {first_line(error)}") from error
    if not images:
        raise DataError(f"{path}: gwyfile finds no image in it")
    return images


def _image(name: str, field: dict[str, object]) -> Recorded:
    rows, cols = int(str(field["yres"])), int(str(field["xres"]))
    values = np.array(field["data"], dtype=np.float64).reshape(rows, cols)
    unit = _unit(field.get("si_unit_xy"))
    along = []
    for label, size, extent, offset in zip("YX", values.shape, ("yreal", "xreal"), ("yoff", "xoff"), strict=True):
        places = float(str(field.get(offset, 0.0))) + (np.arange(size) + 0.5) / size * float(str(field[extent]))
        along.append(Axis(label, places, unit, "Length", "SPATIAL"))
    return Recorded(name, values, along, _unit(field.get("si_unit_z")))


def _unit(described: object) -> str:
    return str(described.get("unitstr", "")) if isinstance(described, dict) else ""
