"""Grid spectroscopy of Nanonis, ``.3ds``: a spectrum of every channel at each point of a grid.

The reader of nanonispy, which SciFiReaders holds a copy of, fills a grid that was stopped with zeros, and gives pixel
numbers for positions: findings/scifireaders-fills-unfinished-grids-with-zeros.sh.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remanence.data.instruments.recorded import Recorded, axis_of_map, numbers, quantity_and_unit
from remanence.data.spectra.nsid_writer import Axis
from remanence.errors import DataError

END = b":HEADER_END:\r\n"


def read_3ds(path: Path) -> list[Recorded]:
    """Return each channel as (rows, columns, points); points that were never measured are NaN.

    Raises:
        DataError: if the file is not one of these, or lacks a line of the header that is needed.
    """
    content = path.open("rb").read(2**20)
    if END not in content:
        raise DataError(f"{path}: no line :HEADER_END:, which the header of a Nanonis grid ends with")
    start = content.index(END) + len(END)
    header = _header(content[:start].decode("utf-8", errors="replace"))
    cols, rows = _whole(path, header, "Grid dim", 2)
    (points,) = _whole(path, header, "Points", 1)
    (parameters,) = _whole(path, header, "# Parameters (4 byte)", 1)
    channels = _asked(path, header, "Channels").split(";")
    record = parameters + points * len(channels)
    values = numbers(path, start, (rows, cols, record))
    known = [
        quantity_and_unit(name)
        for key in ("Fixed parameters", "Experiment parameters")
        for name in header.get(key, "").split(";")
    ]
    names = [name for name, _ in known if name]
    sweep = _sweep(values[..., : len(names)], points)
    name, unit = quantity_and_unit(header.get("Sweep Signal", "Sweep"))
    axes = [*_grid(path, header, values, names), Axis(name, sweep, unit)]
    spectra = values[..., parameters:].reshape(rows, cols, len(channels), points)
    return [
        Recorded(quantity, np.ascontiguousarray(spectra[:, :, number]), axes, units)
        for number, (quantity, units) in enumerate(map(quantity_and_unit, channels))
    ]


def _sweep(parameters: NDArray[np.float32], points: int) -> NDArray[np.float64]:
    """Return the swept signal of the first point of the grid: its first two parameters are start and end."""
    start, end = parameters.reshape(-1, parameters.shape[-1])[0, :2]
    return np.linspace(float(start), float(end), points)


def _grid(path: Path, header: dict[str, str], values: NDArray[np.float32], names: list[str]) -> list[Axis]:
    """Return the axes of the map: from the positions of the points if the frame is not turned, else from the frame."""
    rows, cols = values.shape[:2]
    settings = [float(part) for part in re.findall(r"[-+.\d]+(?:[eE][-+]?\d+)?", _asked(path, header, "Grid settings"))]
    if len(settings) < 4:
        raise DataError(f"{path}: the header says Grid settings={header['Grid settings']}; expected centre and size")
    centre_x, centre_y, width, height, angle = [*settings, 0.0][:5]
    if "X" in names and "Y" in names and not angle:
        x, y = (values[..., names.index(name)] for name in ("X", "Y"))
        if np.isfinite(x[0]).all() and np.isfinite(y[:, 0]).all():
            pairs = (("Y", y[:, 0]), ("X", x[0]))
            return [Axis(name, along.astype(np.float64), "m", "Length", "SPATIAL") for name, along in pairs]
    return [axis_of_map("Y", rows, height, centre_y), axis_of_map("X", cols, width, centre_x)]


def _header(text: str) -> dict[str, str]:
    found = re.findall(r'^([^=\r\n]+)=("?)(.*?)\2\r?$', text, flags=re.MULTILINE)
    return {key.strip(): value for key, _, value in found}


def _asked(path: Path, header: dict[str, str], key: str) -> str:
    if not header.get(key):
        raise DataError(f"{path}: the header has no line '{key}=', which a Nanonis grid needs")
    return header[key]


def _whole(path: Path, header: dict[str, str], key: str, number: int) -> list[int]:
    text = _asked(path, header, key)
    found = [int(part) for part in re.findall(r"\d+", text)]
    if len(found) != number or min(found) < 1:
        raise DataError(f"{path}: the header says {key}={text}; expected {number} whole number(s) above 0")
    return found
