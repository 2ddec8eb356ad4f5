"""Spectra that a logged model is applied to: described when opened, then read a thousand pixels at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from omegaconf import OmegaConf

from remanence.configuration.build import build
from remanence.configuration.compose import changed, compose
from remanence.configuration.validate import check_target
from remanence.data.spectra.new_hdf5 import SUFFIXES
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.raw import AXIS_LABEL, CHANNELS, Raw
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.streamed_loops import StreamedLoops
from remanence.errors import ConfigurationError
from remanence.foundation.trust import import_target
from remanence.studies.spectra.logged_model import Instrument

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
    pixels: int
    shape: tuple[int, int] | None
    """Rows and columns of the map; None if there is no map."""
    prepare: Callable[[], None]
    """Function to call once before ``read``."""
    read: Callable[[slice], NDArray[np.floating[Any]]]
    """Function that reads the spectra (pixels, steps, channels) of a slice of pixels; NaN where not measured."""

    def chunks(self, instrument: Instrument) -> Iterator[tuple[slice, NDArray[np.floating[Any]]]]:
        """Yield the channels that a model uses, ``PIXELS`` pixels at a time, each chunk with the slice of its pixels.

        Raises:
            DataError: before anything is read, if the spectra do not match the instrument of the model.
        """
        instrument.check(self.axis, self.channels, self.units, self.name)
        self.prepare()
        columns = [self.channels.index(channel) for channel in instrument.channels]
        for start in range(0, self.pixels, PIXELS):
            pixels = slice(start, min(start + PIXELS, self.pixels))
            yield pixels, self.read(pixels)[..., columns]


def open_scan(config: Mapping[str, Any], other: str, changes: Sequence[str], store: h5py.Group) -> Scan:
    """Open other spectra, to be read in the same way as those of a run.

    An HDF5 file is opened as a raw scan, whatever the run was trained on. It is streamed: memory holds one chunk of its
    spectra, and about 50 bytes per pixel for the positions. All other data are read as a whole.

    Args:
        config: stored configuration of the run.
        other: file or folder to read instead of the run's own.
        changes: overrides of ``data``, such as ``data.cycle=0``.
        store: group of an HDF5 file where the fits of a raw scan are kept.

    Raises:
        ConfigurationError: if the run's spectra come from no file, or an override does not suit the data.
        DataError: if the spectra cannot be read.
    """
    node = dict(config["data"])
    if Path(other).suffix.lower() in SUFFIXES and not issubclass(_class(node), Raw):
        node = OmegaConf.to_container(compose(["data=raw"]).data)  # type: ignore[assignment]
    key = _class(node).file_key
    if key is None:
        raise ConfigurationError(f"data: spectra of {_class(node).__name__} come from no file that could be given")
    cfg = changed({**config, "paths": {"outputs": "."}, "data": {**node, key: other}}, changes)
    checked = check_target("data", cfg, allowed=cfg.allowed_targets)
    data: Spectra = build("data", checked)
    return _streamed(data, store) if isinstance(data, Raw) else _whole(data.open())


def _class(node: Mapping[str, Any]) -> type[Spectra]:
    """Return the class that reads the spectra of a run."""
    found: type[Spectra] = import_target("data._target_", str(node["_target_"]))
    return found


def _streamed(raw: Raw, store: h5py.Group) -> Scan:
    loops = StreamedLoops(raw, store)
    scan = loops.scan
    name, shape = str(scan.file.path), scan.map_shape
    return Scan(name, scan.voltage, AXIS_LABEL, CHANNELS, scan.units, scan.pixels, shape, loops.fit, loops.read)


def _whole(data: OpenedSpectra) -> Scan:
    measured = data.measured
    return Scan(
        name=data.source.location,
        axis=measured.axis,
        axis_label=measured.axis_label,
        channels=measured.channels,
        units=measured.units,
        pixels=len(measured.values),
        shape=None if data.scene is None else data.scene.shape,
        prepare=lambda: None,
        read=lambda pixels: measured.values[pixels],
    )
