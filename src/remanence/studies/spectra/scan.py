"""Spectra that a tracked model is applied to: described at once, read a thousand pixels at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from hydra.utils import get_class
from numpy.typing import NDArray
from omegaconf import OmegaConf

from remanence.configuration.build import build
from remanence.configuration.compose import changed, compose
from remanence.configuration.validate import check_target
from remanence.data.spectra.h5usid_writer import SUFFIXES
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.raw import AXIS_LABEL, CHANNELS, Raw
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.streamed_loops import StreamedLoops
from remanence.errors import ConfigurationError
from remanence.studies.spectra.logged_model import Instrument

PIXELS = 1000
"""Read and embedded at a time: as many as a network takes in one batch, a few megabytes of loops."""


@dataclass
class Scan:
    """What is known of spectra before they are read, and how they are read."""

    name: str
    """Of the file or folder."""
    axis: NDArray[np.float64]
    axis_label: str
    channels: tuple[str, ...]
    units: Mapping[str, str]
    pixels: int
    shape: tuple[int, int] | None
    """Rows and columns of the map."""
    prepare: Callable[[], None]
    """To be called once before ``read``."""
    read: Callable[[slice], NDArray[np.floating[Any]]]
    """Spectra (pixels, steps, channels) of some pixels, NaN where nothing was measured."""

    def chunks(self, instrument: Instrument) -> Iterator[tuple[slice, NDArray[np.floating[Any]]]]:
        """Yield ``PIXELS`` pixels after the other with the channels of a model.

        Raises:
            DataError: at once, if the spectra are of another instrument.
        """
        instrument.check(self.axis, self.channels, self.units, self.name)
        self.prepare()
        columns = [self.channels.index(channel) for channel in instrument.channels]
        for start in range(0, self.pixels, PIXELS):
            pixels = slice(start, min(start + PIXELS, self.pixels))
            yield pixels, self.read(pixels)[..., columns]


def open_scan(config: Mapping[str, Any], other: str, changes: Sequence[str], store: h5py.Group) -> Scan:
    """Open spectra that are read as those of a run were.

    An HDF5 file is a raw scan, whatever the run was trained on. It is streamed: memory holds a chunk of its spectra and
    some 50 bytes a pixel for its positions. Anything else is read as a whole.

    Args:
        config: stored configuration of the run.
        other: file or folder in the place of the run's own.
        changes: overrides of ``data``, such as ``data.cycle=0``.
        store: group of an HDF5 file where the fits of a raw scan are kept.

    Raises:
        ConfigurationError: if the run's spectra come from no file, or a change does not fit.
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
    found: type[Spectra] = get_class(str(node["_target_"]))
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
