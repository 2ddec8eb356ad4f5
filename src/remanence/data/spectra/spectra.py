"""The base class of all spectra: how they are read, split and scaled."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from remanence.data.spectra.layout import Layout, lay_out
from remanence.data.spectra.measurement import Measurement
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.pixel_split import PixelSplit
from remanence.data.spectra.pixels import hold_out
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Fold
from remanence.errors import DataError
from remanence.foundation.constraints import As, Count
from remanence.foundation.terminal import console


class Spectra(ABC):
    """Spectra to read, and how they are scaled, laid out and split by pixels; ``open`` reads them.

    Args:
        layout: layout of the channels, see ``layout.lay_out``.
        scaling: whether to take one z-score per ``array`` or one per ``step``, from the training pixels.
        batch_size: spectra per training step of a network.
        mixup: share of the training spectra that are blended with another spectrum when a network trains.
        split: how pixels are held out, see ``pixels.hold_out``; ignored by data that have a fixed split.
    """

    kind: ClassVar[str] = "spectra"
    file_key: ClassVar[str | None] = None
    """Argument that names the file or folder to read; None for spectra that come from no file."""

    def __init__(
        self,
        *,
        layout: Layout = "joined",
        scaling: Literal["array", "step"] = "array",
        batch_size: Count = 128,
        mixup: Annotated[float, Field(ge=0, le=1)] = 0.0,
        split: Annotated[Mapping[str, Any], As(PixelSplit)] | None = None,
    ) -> None:
        self.layout: Layout = layout
        self.scale_by = scaling
        self.batch_size, self.mixup = batch_size, mixup
        self.split = dict(split or {})

    @abstractmethod
    def read(self) -> Measurement:
        """Read or simulate the spectra.

        Raises:
            DataError: for a fault in the file, naming the file and the fault.
        """

    def open(self) -> OpenedSpectra:
        """Read, mask, split and scale the spectra.

        Raises:
            DataError: if no pixel of the file can be used, naming the file.
        """
        measured = self.read()
        values, name = measured.values, measured.sources[0].name
        valid = np.isfinite(values).all(axis=(1, 2))
        if masked := int((~valid).sum()):
            console.print(f"{name}: {masked} of {len(values)} pixels hold no usable spectrum; masked")
        if not valid.any():
            raise DataError(f"{name}: none of its {len(values)} pixels holds a usable spectrum")
        fold = self.make_fold(measured, valid)
        scaling = self.make_scaling(measured, fold)
        scaled = np.zeros(values.shape, dtype=np.float32)
        scaled[valid] = scaling.scale(values[valid])
        return OpenedSpectra(
            measured=measured,
            valid=valid,
            fold=fold,
            scaling=scaling,
            x=np.ascontiguousarray(lay_out(scaled, self.layout), dtype=np.float32),
            layout=self.layout,
            batch_size=self.batch_size,
            mixup=self.mixup,
        )

    def check(self) -> None:
        """Raise those errors of ``open`` that can be found without reading all spectra."""
        self.open()

    def make_fold(self, measured: Measurement, valid: NDArray[np.bool_]) -> Fold:
        """Split the pixels of the map; pixels that are not ``valid`` (pixels,) belong to no part."""
        shape = measured.scene.shape if measured.scene else (1, len(valid))
        return hold_out(valid, shape, **self.split)

    def make_scaling(self, measured: Measurement, fold: Fold) -> Scaling:
        """Return the scaling that the training pixels give."""
        return Scaling.fit(measured.values[fold.train], by=self.scale_by)
