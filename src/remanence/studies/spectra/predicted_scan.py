"""What a model finds in a scan, as a group of an NSID file: maps with positions and units, filled pixel by pixel."""

import re
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.nsid_writer import Axis, create_nsid
from remanence.data.spectra.pixel_dataset import PixelDataset
from remanence.foundation.names import name_and_unit

NAMES = {"embedding": "latents", "sd": "latents_sd"}
"""Output of a model to the name of its dataset, where they differ."""
LATENT = frozenset({"embedding", "sd"})
"""Outputs with a number for each latent."""
SPECTRA = ("measured", "reconstruction")
"""Outputs with spectra: a dataset for each channel, because channels differ in their units."""
UNITS = {"phase": "rad", "frequency": "kHz"}
"""Units of the fitted resonances; that of the amplitude is the signal's."""


class PredictedScan:
    """A group of an NSID file with the outputs of a model for each pixel of one scan.

    Args:
        file: open for writing.
        group: name of the group, which must be new.
        positions: axes of the map: rows and columns, or the pixels of a list.
        axis: axis of the spectra, whose label has a name and a unit in brackets.
        channels: names and units of the channels of the spectra.
        bias: bias of each fitted resonance, V; None if it is the axis of the spectra.
        signal: unit of the signal that resonances were fitted to.
        facts: attributes of the group: of which run and scan it is.
        allocated: whether all values get their place in the file, NaN, when a dataset is created.
    """

    def __init__(
        self,
        file: h5py.File,
        group: str,
        positions: tuple[Axis, ...],
        axis: tuple[NDArray[np.float64], str],
        channels: tuple[str, ...],
        *,
        bias: NDArray[np.float64] | None = None,
        signal: str = "",
        facts: Mapping[str, Any],
        allocated: bool = False,
    ) -> None:
        self.file, self.group, self.positions, self.channels = file, group, positions, channels
        name, unit, _ = name_and_unit(axis[1])
        self.axis = Axis(name, axis[0], unit)
        self.bias = self.axis if bias is None else Axis("bias", bias, "V", "DC bias")
        self.signal, self.allocated = signal, allocated
        self.datasets: dict[str, PixelDataset] = {}
        self.resonances = _Resonances(self)
        file.require_group(group).attrs.update(facts)

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return int(np.prod([len(axis.values) for axis in self.positions]))

    def add(self, pixels: slice, outputs: Mapping[str, NDArray[Any]]) -> None:
        """Write the outputs of some pixels; the first call creates the datasets, in which other pixels hold NaN.

        Args:
            pixels: slice of the pixels, counted row by row.
            outputs: name to values (pixels, …), NaN where there are none. ``embedding`` and ``sd`` are (pixels,
                latents), ``measured`` and ``reconstruction`` (pixels, steps, channels), all others (pixels,).
        """
        for output, values in outputs.items():
            for name, part in self._parts(output, values):
                if name not in self.datasets:
                    self._create(output, name, part)
                self.datasets[name][pixels] = part

    def adopt(self) -> None:
        """Take up the datasets that the group has already."""
        for within in ("", "resonances/"):
            base = self.file.get(f"{self.group}/{within}", {})
            for name in base:
                if name in base[name]:
                    self.datasets[f"{within}{name}"] = PixelDataset(base[name][name], len(self.positions))

    def create(self, name: str, axes: tuple[Axis, ...], dtype: Any, *, units: str = "", within: str = "") -> None:
        """Create a dataset over the pixels and further axes."""
        whole = (*self.positions, *axes)
        fill = np.nan if np.dtype(dtype).kind == "f" else None
        group = f"{self.group}/{within}" if within else self.group
        quantity = name.replace("_", " ")
        made = create_nsid(self.file, group, name, whole, dtype=dtype, quantity=quantity, units=units, fill=fill)
        if self.allocated and made.size:  # HDF5 allocates a dataset as a whole with the first value
            made[(0,) * made.ndim] = made.fillvalue
        self.datasets[f"{within}/{name}" if within else name] = PixelDataset(made, len(self.positions))

    def _parts(self, output: str, values: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
        if output not in SPECTRA:
            return [(NAMES.get(output, output), values)]
        return [(f"{output}_{slug(channel)}", values[..., at]) for at, channel in enumerate(self.channels)]

    def _create(self, output: str, name: str, values: NDArray[Any]) -> None:
        if output in SPECTRA:
            unit = next(name_and_unit(each)[1] for each in self.channels if name == f"{output}_{slug(each)}")
            self.create(name, (self.axis,), values.dtype, units=unit)
        elif output in LATENT:
            numbers = np.arange(1, values.shape[1] + 1)
            self.create(name, (Axis("latent", numbers, kind="CHANNEL"),), values.dtype)
        else:
            self.create(name, (), values.dtype)


class _Resonances:
    """The fitted resonances of a scan as datasets over pixels, and their steps if any, in the group ``resonances``."""

    def __init__(self, predicted: PredictedScan) -> None:
        self.predicted = predicted

    def __contains__(self, name: str, /) -> bool:
        return f"resonances/{name}" in self.predicted.datasets

    def __getitem__(self, name: str, /) -> PixelDataset:
        return self.predicted.datasets[f"resonances/{name}"]

    def create_dataset(self, name: str, shape: tuple[int, ...], dtype: Any) -> None:
        along = (self.predicted.bias,) if len(shape) > 1 else ()
        assert shape == (self.predicted.pixels, *(len(axis.values) for axis in along)), "fits are of all pixels"
        unit = UNITS.get(name, self.predicted.signal if name == "amplitude" else "")
        self.predicted.create(name, along, dtype, units=unit, within="resonances")


def with_masked(outputs: Mapping[str, NDArray[Any]], valid: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """Return outputs (usable pixels, …) of a model as outputs (pixels, …), with NaN where there are none."""
    full = {}
    for name, values in outputs.items():
        full[name] = np.full((len(valid), *values.shape[1:]), np.nan)
        full[name][valid] = values
    return full


def slug(channel: str) -> str:
    """Return the name of a channel, without its unit, as part of the name of a dataset.

    >>> slug("resonance frequency (kHz), cycle 1")
    'resonance_frequency_cycle_1'
    """
    name, _, rest = name_and_unit(channel)
    return re.sub(r"\W+", "_", name + rest).strip("_")
