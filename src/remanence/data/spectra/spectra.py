"""Spectra of many pixels: how they are read, split and scaled."""

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
    """What is read, and how a model sees it: z-scored, laid out, split by pixels; ``open`` reads it.

    Args:
        layout: of the channels, see ``layout.lay_out``.
        scaling: one z-score per ``array`` or per ``step``, taken from the training pixels.
        batch_size: spectra per step of a network.
        mixup: share of the training spectra that a network sees blended with another one.
        split: how pixels are held out, see ``pixels.hold_out``; ignored by data that bring their own split.
    """

    kind: ClassVar[str] = "spectra"
    file_key: ClassVar[str | None] = None
    """Argument that names what is read; None for spectra that come from no file."""

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
            DataError: naming the file and what is wrong with it.
        """

    def open(self) -> OpenedSpectra:
        """Read, mask, split and scale the spectra.

        Raises:
            DataError: naming the file, if nothing in it can be used.
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
        """Raise what ``open`` would raise, where that can be found out sooner."""
        self.open()

    def make_fold(self, measured: Measurement, valid: NDArray[np.bool_]) -> Fold:
        """Hold pixels of the map out; those that are not ``valid``, shape (pixels,), belong to no part."""
        shape = measured.scene.shape if measured.scene else (1, len(valid))
        return hold_out(valid, shape, **self.split)

    def make_scaling(self, measured: Measurement, fold: Fold) -> Scaling:
        """Take the z-scores from the training pixels."""
        return Scaling.fit(measured.values[fold.train], by=self.scale_by)
