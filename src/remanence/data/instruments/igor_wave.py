"""Igor's binary waves, ``.ibw``, of version 5 and later: images, curves and volumes, as Asylum Research writes them.

Source: Technical Note PTN003 of WaveMetrics. igor2 0.5.15 joins a label with what an earlier, longer label left behind
its end; SciFiReaders 0.12.7 gives an axis the unit of its values.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.instruments.recorded import Recorded
from remanence.data.spectra.nsid_writer import Axis
from remanence.errors import DataError

VERSIONS = (5, 7)
BEFORE, HEADER = 64, 320
"""Bytes of the two headers."""
TYPES = {
    2: "f4",
    4: "f8",
    8: "i1",
    16: "i2",
    32: "i4",
    72: "u1",
    80: "u2",
    96: "u4",
    128: "i8",
    192: "u8",
    3: "c8",
    5: "c16",
}
UNITS = {"Phase": "deg", "Freq": "Hz", "Current": "A", "Bias": "V", "UserIn": "V", "Potential": "V"} | dict.fromkeys(
    ("Height", "Amp", "Defl", "ZSensor", "ZSnsr", "Raw", "LVDT"), "m"
)
"""Beginning of the label of a channel of Asylum Research to its unit: a wave has one unit for all its channels."""


@dataclass(frozen=True, eq=False)
class Wave:
    """What a file holds."""

    name: str
    values: NDArray[Any]
    steps: tuple[tuple[float, float], ...]
    """Difference and first value along each dimension."""
    units: str
    axis_units: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    """Labels of the indices of each dimension."""
    note: dict[str, str]


def read_ibw(path: Path) -> list[Recorded]:
    """Return each channel of a wave; images and volumes as (rows, columns, ...).

    The last dimension is that of the channels where its indices have labels. A curve has the abscissa of the wave,
    which is time for a curve of Asylum Research; its channels ``Raw`` and ``Bias`` are channels like the others.

    Raises:
        DataError: if the file is not a wave of version 5 or 7 that holds numbers, or is not whole.
    """
    wave = read_wave(path)
    values, axes = wave.values, _axes(wave)
    named = values.ndim > 1 and len(wave.labels[values.ndim - 1]) == values.shape[-1]
    names = wave.labels[values.ndim - 1] if named else (wave.name,)
    parts = np.moveaxis(values, -1, 0) if named else values[None]
    axes = axes[:-1] if named else axes
    of_map = len(axes) > 1
    if of_map:  # Igor's first dimension is X
        parts, axes = parts.swapaxes(1, 2), [axes[1], axes[0], *axes[2:]]
    return [
        Recorded(name, np.ascontiguousarray(part), axes, wave.units if not named else _unit(name, wave.units))
        for name, part in zip(names, parts, strict=True)
    ]


def read_wave(path: Path) -> Wave:
    """Read a file; see ``read_ibw``."""
    content = path.read_bytes()
    order = "<" if content[:1] in (b"\x05", b"\x07") else ">"
    if len(content) < BEFORE + HEADER or struct.unpack_from(f"{order}h", content)[0] not in VERSIONS:
        raise DataError(f"{path}: not an Igor binary wave of version {' or '.join(map(str, VERSIONS))}")
    sizes = struct.unpack_from(f"{order}hhiiii4i4i", content)
    formula, note, units = sizes[3:6]
    number, kind = struct.unpack_from(f"{order}ih", content, BEFORE + 12)
    shape = tuple(size for size in struct.unpack_from(f"{order}4i", content, BEFORE + 68) if size > 0)
    if kind not in TYPES or number < 1 or int(np.prod(shape, dtype=np.int64)) != number:
        raise DataError(f"{path}: holds {number} values of type {kind} in the shape {shape}; expected numbers")
    dtype = np.dtype(f"{order}{TYPES[kind]}")
    check_fits(f"{path}: values of shape {shape}", bytes_of(shape, dtype.itemsize) * 3)
    start = BEFORE + HEADER
    end = start + number * dtype.itemsize
    if end > len(content):
        raise DataError(f"{path}: its header declares {end} bytes, and it has {len(content)}")
    values = np.frombuffer(content, dtype, number, start).reshape(shape, order="F").astype(dtype.newbyteorder("="))
    factors = struct.unpack_from(f"{order}8d", content, BEFORE + 84)
    texts = _Texts(content, end + formula)
    note_text, extended = texts.take(note), texts.take(units)
    axis_units = [texts.take(size) for size in sizes[6:10]]
    short = [_text(content[BEFORE + 148 + 4 * part : BEFORE + 152 + 4 * part]) for part in range(5)]
    return Wave(
        name=_text(content[BEFORE + 28 : BEFORE + 60]) or path.stem,
        values=values,
        steps=tuple(zip(factors[:4], factors[4:], strict=True))[: len(shape)],
        units=_text(extended) or short[0],
        axis_units=tuple(_text(long) or brief for long, brief in zip(axis_units, short[1:], strict=True)),
        labels=tuple(_labels(texts.take(size)) for size in sizes[10:14]),
        note=dict(_fact(line) for line in _text(note_text).splitlines() if ":" in line),
    )


class _Texts:
    """What follows the values of a wave, taken piece by piece."""

    def __init__(self, content: bytes, start: int) -> None:
        self.content, self.start = content, start

    def take(self, size: int) -> bytes:
        self.start += size
        return self.content[self.start - size : self.start]


def _labels(block: bytes) -> tuple[str, ...]:
    """Return the labels of the indices; the first 31 bytes and their end are the label of the dimension itself."""
    labels = tuple(_text(block[place : place + 32]) for place in range(32, len(block), 32))
    return labels if any(labels) else ()


def _text(content: bytes) -> str:
    """Return a text up to its end; behind that, Igor leaves what stood there before."""
    # findings/igor2-joins-a-label-with-what-stands-behind-its-end.sh
    return content.split(b"\0")[0].decode("utf-8", errors="replace").replace("\r", "\n").strip()


def _fact(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip(), value.strip()


def _axes(wave: Wave) -> list[Axis]:
    """Return the axes of a wave in the order of its dimensions; its note may have the size of the scan."""
    axes: list[Axis] = []
    for number, ((step, first), size) in enumerate(zip(wave.steps, wave.values.shape, strict=True)):
        unit = wave.axis_units[number]
        values = first + step * np.arange(size)
        of_map = (wave.values.ndim > 2 and number < 2) or (wave.values.ndim == 2 and not any(wave.labels))
        extent = wave.note.get(("FastScanSize", "SlowScanSize")[number]) if of_map else None
        if of_map and extent and (not unit or step == 1):
            values, unit = (np.arange(size) + 0.5) / size * float(extent), "m"
        name = "XY"[number] if of_map else {"s": "Time", "V": "Bias", "m": "Z", "Hz": "Frequency"}.get(unit, "axis")
        quantity = "Length" if of_map else name
        axes.append(Axis(name, values, unit, quantity, "SPATIAL" if of_map else "SPECTRAL"))
    return axes


def _unit(label: str, given: str) -> str:
    return next((unit for start, unit in UNITS.items() if label.startswith(start)), given)
