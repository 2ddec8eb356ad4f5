"""The base class of all spectra: how they are read, split and scaled."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from remanence.data.spectra.layout import Layout, lay_out
from remanence.data.spectra.measurement import Measurement
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.pixel_split import PixelSplit
from remanence.data.spectra.pixels import hold_out
from remanence.data.spectra.preparation import Preparation
from remanence.data.spectra.prepared_measurement import prepare, say_outliers
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Fold
from remanence.foundation.constraints import As, Count, Positive


class Spectra(ABC):
    """Spectra to read, and how they are scaled, laid out and split by pixels; ``open`` reads them.

    Args:
        layout: layout of the channels, see ``layout.lay_out``.
        scaling: whether to take one z-score per ``array``, one per ``step``, or a ``robust`` one per array, which a few
            outliers do not change; from the training pixels.
        batch_size: spectra per training step of a network.
        mixup: share of the training spectra that are blended with another spectrum when a network trains.
        split: how pixels are held out, see ``pixels.hold_out``; ignored by data that have a fixed split.
        crop: lowest and highest value of the axis that are kept; None keeps all. For this and the arguments below see
            ``preparation.Preparation``.
        spikes: robust standard deviations from the running median above which a value is interpolated; None looks for
            none.
        background: kind of background to subtract.
        background_degree: degree of the polynomial background.
        background_stiffness: stiffness of the ``asls`` background.
        smoothing: window of a cubic Savitzky-Golay filter in steps, odd; None does not smooth.
        normalisation: what each spectrum is divided by.
    """

    kind: ClassVar[str] = "spectra"
    file_key: ClassVar[str | None] = None
    """Argument that names the file or folder to read; None for spectra that come from no file."""

    def __init__(
        self,
        *,
        layout: Layout = "joined",
        scaling: Literal["array", "step", "robust"] = "array",
        batch_size: Count = 128,
        mixup: Annotated[float, Field(ge=0, le=1)] = 0.0,
        split: Annotated[Mapping[str, Any], As(PixelSplit)] | None = None,
        crop: Annotated[Sequence[float], Field(min_length=2, max_length=2)] | None = None,
        spikes: Positive | None = None,
        background: Literal["none", "linear", "polynomial", "asls"] = "none",
        background_degree: Count = 2,
        background_stiffness: Positive = 1e5,
        smoothing: Annotated[int, Field(ge=5)] | None = None,
        normalisation: Literal["none", "maximum", "area", "norm"] = "none",
    ) -> None:
        self.layout: Layout = layout
        self.scale_by = scaling
        self.batch_size, self.mixup = batch_size, mixup
        self.split = dict(split or {})
        self.preparation = Preparation(
            crop=None if crop is None else (float(crop[0]), float(crop[1])),
            spikes=spikes,
            background=background,
            background_degree=background_degree,
            background_stiffness=background_stiffness,
            smoothing=smoothing,
            normalisation=normalisation,
        )

    @abstractmethod
    def read(self) -> Measurement:
        """Read or simulate the spectra.

        Raises:
            DataError: for a fault in the file, naming the file and the fault.
        """

    def open(self) -> OpenedSpectra:
        """Read, mask, prepare, split and scale the spectra.

        Raises:
            DataError: if no pixel of the file can be used, naming the file, or the first steps do not suit its axis.
        """
        prepared = prepare(self.read(), self.preparation)
        measured, valid = prepared.measured, prepared.valid
        fold = self.make_fold(measured, valid)
        scaling = self.make_scaling(measured, fold)
        if self.scale_by == "array":
            say_outliers(measured, fold.train, scaling)
        scaled = np.zeros(measured.values.shape, dtype=np.float32)
        scaled[valid] = scaling.scale(measured.values[valid])
        return OpenedSpectra(
            measured=measured,
            valid=valid,
            fold=fold,
            scaling=scaling,
            x=np.ascontiguousarray(lay_out(scaled, self.layout), dtype=np.float32),
            layout=self.layout,
            batch_size=self.batch_size,
            mixup=self.mixup,
            as_read=prepared.as_read,
            preparation=prepared.preparation,
            size=prepared.size,
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
