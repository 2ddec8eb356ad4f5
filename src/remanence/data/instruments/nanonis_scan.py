"""Images of Nanonis, ``.sxm``: forward and backward images of every channel.

The file holds lines in the order in which they were scanned. Here rows go up along Y and columns along X, whatever the
direction of the scan was; nanonispy leaves backward images mirrored, and scans that went up upside down.
"""

import re
from pathlib import Path

import numpy as np

from remanence.data.instruments.recorded import Recorded, axis_of_map, numbers
from remanence.errors import DataError

END = b":SCANIT_END:"
DATA = b"\x1a\x04"
"""Two bytes that the values follow."""


def read_sxm(path: Path) -> list[Recorded]:
    """Return each image as (rows, columns); lines that were never scanned are NaN.

    Raises:
        DataError: if the file is not one of these, or lacks a line of the header that is needed.
    """
    content = path.open("rb").read(2**20)
    end = content.find(END)
    start = content.find(DATA, end) + len(DATA)
    if end < 0 or start < len(DATA):
        raise DataError(f"{path}: no line :SCANIT_END:, which the header of a Nanonis image ends with")
    header = _header(content[:end].decode("utf-8", errors="replace"))
    cols, rows = (int(number) for number in _numbers(path, header, "SCAN_PIXELS"))
    width, height = _numbers(path, header, "SCAN_RANGE")
    centre_x, centre_y = _numbers(path, header, "SCAN_OFFSET")
    axes = [axis_of_map("Y", rows, height, centre_y), axis_of_map("X", cols, width, centre_x)]
    wanted = _images(path, header)
    images = numbers(path, start, (len(wanted), rows, cols))
    if _asked(path, header, "SCAN_DIR").strip().lower() != "up":
        images = images[:, ::-1]  # the first line lies on top, where Y is largest
    return [
        Recorded(f"{name} {way}", np.ascontiguousarray(image[:, :: -1 if way == "backward" else 1]), axes, unit)
        for image, (name, unit, way) in zip(images, wanted, strict=True)
    ]


def _images(path: Path, header: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return name, unit and direction of each image, in the order of the file."""
    title, *lines = (line.strip() for line in _asked(path, header, "DATA_INFO").strip().splitlines())
    columns = title.split("\t")
    found = []
    for line in filter(None, lines):
        channel = dict(zip(columns, line.split("\t"), strict=False))
        if {"Name", "Unit", "Direction"} - set(channel):
            raise DataError(f"{path}: DATA_INFO has the line '{line}'; expected {', '.join(columns)}")
        ways = ("forward", "backward") if channel["Direction"] == "both" else (channel["Direction"],)
        found += [(channel["Name"], channel["Unit"], way) for way in ways]
    return found


def _header(text: str) -> dict[str, str]:
    parts = re.split(r"^:([A-Z0-9_ >\-]+):\r?\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=False))


def _asked(path: Path, header: dict[str, str], key: str) -> str:
    if key not in header:
        raise DataError(f"{path}: the header has no line :{key}:, which a Nanonis image needs")
    return header[key]


def _numbers(path: Path, header: dict[str, str], key: str) -> list[float]:
    text = _asked(path, header, key).split()
    try:
        first, second = (float(part) for part in text)
    except ValueError as error:
        raise DataError(f"{path}: the header says :{key}: {' '.join(text)}; expected two numbers") from error
    return [first, second]
