"""Spectra that a logged model is applied to: described when opened, then read a thousand pixels at a time."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.fitted_loops import channel_names
from remanence.data.spectra.line import AXIS_LABEL, Line
from remanence.data.spectra.line import channels_of as line_channels
from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.nsid_writer import Axis
from remanence.data.spectra.pixel_grid import PixelGrid
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.streamed_line import StreamedLine
from remanence.data.spectra.streamed_loops import FitStore, StreamedLoops
from remanence.studies.spectra.logged_model import Instrument
from remanence.studies.spectra.other_spectra import reader_of

PIXELS = 1000
"""Number of pixels that are read and embedded at a time: one batch of a network, a few megabytes of loops."""


@dataclass
class Scan:
    """Spectra that are not read yet: what is known of them, and how to read them."""

    name: str
    """Name of the file or folder."""
    axis: NDArray[np.float64]
    axis_label: str
    channels: tuple[str, ...]
    units: Mapping[str, str]
    positions: tuple[Axis, ...]
    """Axes of the map, rows first; one axis, which counts the pixels, if there is no map."""
    prepare: Callable[[FitStore], None]
    """Function to call once before ``read``, with a place for what is fitted to a raw scan."""
    read: Callable[[slice], NDArray[np.floating[Any]]]
    """Function that reads the spectra (pixels, steps, channels) of a slice of pixels; NaN where not measured."""
    bias: NDArray[np.float64] | None = None
    """Bias of each resonance that is fitted to a pixel, V; None if it is ``axis``."""

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return math.prod(len(axis.values) for axis in self.positions)

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of the map; None if there is no map."""
        return (len(self.positions[0].values), len(self.positions[1].values)) if len(self.positions) == 2 else None

    def chunks(self, instrument: Instrument, store: FitStore) -> Iterator[tuple[slice, NDArray[np.floating[Any]]]]:
        """Yield the channels that a model uses, ``PIXELS`` pixels at a time, each chunk with the slice of its pixels.

        Args:
            instrument: what the model takes.
            store: writable group of an HDF5 file, or the like, where the fits of a raw scan are kept.

        Raises:
            DataError: before anything is read, if the spectra do not match the instrument of the model.
        """
        instrument.check(self.axis, self.channels, self.units, self.name)
        self.prepare(store)
        columns = [self.channels.index(channel) for channel in instrument.channels]
        for start in range(0, self.pixels, PIXELS):
            pixels = slice(start, min(start + PIXELS, self.pixels))
            yield pixels, self.read(pixels)[..., columns]


def open_scan(config: Mapping[str, Any], other: str, changes: Sequence[str]) -> Scan:
    """Open other spectra, to be read in the same way as those of a run.

    A raw scan, line or image is streamed: memory holds one chunk of its spectra, and about 50 bytes per pixel for the
    positions. All other data are read as a whole.

    Args:
        config: stored configuration of the run.
        other: file or folder to read instead of the run's own.
        changes: overrides of ``data``, such as ``data.cycle=0``.

    Raises:
        ConfigurationError: if the run's spectra come from no file, or an override does not suit the data.
        DataError: if the spectra cannot be read.
    """
    data = reader_of(config, other, changes)
    if isinstance(data, Line):
        return _streamed_line(data)
    return _streamed(data) if isinstance(data, Raw) else _whole(data)


def _streamed(raw: Raw) -> Scan:
    loops = StreamedLoops(raw)
    scan = loops.scan
    name, positions, channels = str(scan.file.path), positions_of(scan.main.grid), channel_names(scan.loops.names)
    bias = scan.voltage if len(scan.loops.points) > 1 else None
    return Scan(name, scan.axis, scan.axis_label, channels, scan.units, positions, loops.fit, loops.read, bias)


def _streamed_line(line: Line) -> Scan:
    spectra = StreamedLine(line)
    scan = spectra.scan
    axis, channels = scan.frequency / 1e3, line_channels(scan)
    positions = positions_of(scan.main.grid)
    return Scan(str(scan.file.path), axis, AXIS_LABEL, channels, scan.units, positions, spectra.fit, spectra.read)


def positions_of(grid: PixelGrid) -> tuple[Axis, ...]:
    """Return the axes of the map of a scan."""
    return _along(grid.axes)


def _along(axes: tuple[Dimension, Dimension]) -> tuple[Axis, ...]:
    named = zip("YX", axes, strict=True)
    return tuple(Axis(axis.name or name, axis.values, axis.unit, "Length", "SPATIAL") for name, axis in named)


def _whole(data: Spectra) -> Scan:
    measured = data.read()  # not opened: nothing is held out of spectra that a model is applied to
    return Scan(
        name=measured.sources[0].location,
        axis=measured.axis,
        axis_label=measured.axis_label,
        channels=measured.channels,
        units=measured.units,
        positions=_map_axes(measured.scene, len(measured.values)),
        prepare=lambda store: None,
        read=lambda pixels: measured.values[pixels],
    )


def _map_axes(scene: Scene | None, pixels: int) -> tuple[Axis, ...]:
    """Return the axes of a map: those of the file, or those of square pixels, in m if its width is known.

    Spectra without a map have one axis, which counts the pixels.
    """
    if scene is None or scene.shape[0] * scene.shape[1] != pixels:
        return (Axis("pixel", np.arange(float(pixels)), kind="SPATIAL"),)
    if scene.axes is not None:
        return _along(scene.axes)
    step, unit = (1.0, "") if scene.side is None else (1e-6 * scene.side / max(scene.shape[1] - 1, 1), "m")
    named = zip("YX", scene.shape, strict=True)
    return tuple(Axis(name, step * np.arange(size), unit, "Length", "SPATIAL") for name, size in named)
