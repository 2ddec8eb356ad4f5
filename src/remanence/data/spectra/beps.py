"""The published hysteresis loops of PbZr0.2Ti0.8O3: piezoresponse and resonance of 60 × 60 pixels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from remanence.data.array_file import load_array
from remanence.data.published import fetch
from remanence.data.published_files import PUBLISHED
from remanence.data.source import Source
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.scaling import Scaling
from remanence.data.spectra.spectra import Spectra
from remanence.data.splits import Fold
from remanence.errors import DataError
from remanence.foundation.constraints import FileName
from remanence.foundation.terminal import console

SIDE = 2.0
"""Width of the map, µm."""
GRID = (60, 60)


class Channel:
    """One of the published arrays, which holds z-scores of the whole map, and the numbers that undo the z-score.

    Args:
        file: name of the file with the array.
        label: name and unit of the channel.
        mean: mean of the physical values, in the unit of the channel.
        sd: standard deviation of the physical values, in the unit of the channel.
    """

    def __init__(self, file: str, label: str, mean: float, sd: float) -> None:
        self.file, self.label, self.mean, self.sd = file, label, mean, sd


CHANNELS = {
    "piezoresponse": Channel(
        "pizoresponse.npy", "piezoresponse (arb. units)", -1.0487273116670697e-05, 7.859902800847493e-05
    ),
    "resonance": Channel("resonance.npy", "resonance frequency (kHz)", 1324.800141637855, 3.1454182388943095),
}


ChannelNames = Annotated[Sequence[Literal["piezoresponse", "resonance"]], Field(min_length=1)]


class BEPS(Spectra):
    """The published loops: cycle 2, off field, one closed loop of 96 bias steps for each pixel.

    Args:
        dir: folder with the three arrays; None fetches them once.
        channels: names of the channels of ``CHANNELS`` to read, in this order.
        scaled: whether the arrays hold z-scores of the published scale, and not physical values. None tells by the
            content of the files: only the published arrays do.
        **spectra: further arguments of ``Spectra``. ``scaling=array`` uses the published z-scores, so that errors can
            be compared with the paper's.

    Source: Agar et al., Zenodo 10.5281/zenodo.6321172, CC-BY-4.0.
    """

    file_key = "dir"

    def __init__(
        self,
        *,
        dir: FileName | None = None,
        channels: ChannelNames = ("piezoresponse", "resonance"),
        scaled: bool | None = None,
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.folder = None if dir is None else Path(dir)
        self.names = list(channels)
        self.scaled = scaled

    def read(self) -> Measurement:
        """Read the arrays and convert them to physical units."""
        chosen = [CHANNELS[name] for name in self.names]
        voltage, source = self._array("voltage.npy")
        axis = voltage.reshape(-1)
        if not axis.size or not np.isfinite(axis).all():
            raise DataError(f"{source.location}: expected the bias of each step, found an empty array or no numbers")
        values, sources = [], []
        for channel in chosen:
            z, own = self._array(channel.file)
            shape = (GRID[0] * GRID[1], len(axis))
            if z.shape not in (shape, (*shape, 1)):
                raise DataError(
                    f"{own.location}: has the shape {z.shape}; expected {shape}, pixels and the steps of voltage.npy; "
                    "experiment=beps/loops reads loops of any shape"
                )
            z = z.reshape(-1, len(axis))
            values.append(z * channel.sd + channel.mean if self._is_scaled(channel, own) else z)
            sources.append(own)
        others = [own.name for channel, own in zip(chosen, sources, strict=True) if not self._is_scaled(channel, own)]
        if others and self.scaled is None:
            console.print(
                f"{', '.join(others)}: not the published content, so taken as physical values; data.scaled=true takes "
                "them as z-scores of the published scale"
            )
        return Measurement(
            values=np.stack(values, axis=-1),
            axis=axis,
            axis_label="DC bias (V)",
            channels=tuple(channel.label for channel in chosen),
            sources=(*sources, source),
            scene=Scene("map", np.arange(GRID[0] * GRID[1]), GRID, SIDE),
        )

    def make_scaling(self, measured: Measurement, fold: Fold) -> Scaling:
        """Return the published scaling of z-scores; of physical values, or for other scalings, that of the pixels."""
        fitted = super().make_scaling(measured, fold)
        if self.scale_by != "array" or self.preparation.changes_size:
            return fitted
        chosen = [CHANNELS[name] for name in self.names]
        mean, sd = fitted.mean.copy(), fitted.sd.copy()
        for number, (channel, source) in enumerate(zip(chosen, measured.sources, strict=False)):  # the last is the bias
            if self._is_scaled(channel, source):
                mean[0, number], sd[0, number] = channel.mean, channel.sd
        return Scaling(mean, sd)

    def _is_scaled(self, channel: Channel, source: Source) -> bool:
        """Return whether an array holds z-scores, as the user says, or as its content tells."""
        return source.digest == PUBLISHED[f"beps/{channel.file}"].sha256 if self.scaled is None else self.scaled

    def _array(self, name: str) -> tuple[NDArray[np.float64], Source]:
        if self.folder is not None and not self.folder.is_dir():
            raise DataError(f"data.dir: no folder '{self.folder}'")
        path = fetch(f"beps/{name}") if self.folder is None else self.folder / name
        return load_array(path).astype(np.float64), Source.of_file(path)
