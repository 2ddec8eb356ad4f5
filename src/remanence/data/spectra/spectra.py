"""Spectra of many pixels: measured values in physical units, and what a model sees of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.layout import Layout, lay_out, take_apart
from remanence.data.spectra.pixels import hold_out
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Fold, Rows
from remanence.data.table import Source
from remanence.errors import DataError
from remanence.foundation.terminal import console


@dataclass(frozen=True)
class Scene:
    """Pixels that form a map."""

    name: str
    rows: Rows
    """Of the spectra, row-major over the map."""
    shape: tuple[int, int]
    """Rows and columns of the map."""
    side: float | None = None
    """Width of the map in µm, where it is known."""


@dataclass(frozen=True)
class Factors:
    """Causes of the spectra that are known: colours of the toy problem, maps of the simulator."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    """Shape (pixels, factors)."""


@dataclass(frozen=True)
class Measurement:
    """What a reader found."""

    values: NDArray[np.floating[Any]]
    """Shape (pixels, steps, channels), physical units; NaN where nothing was measured."""
    axis: NDArray[np.float64]
    """What is stepped through, shape (steps,)."""
    axis_label: str
    channels: tuple[str, ...]
    """Name and unit of each channel, such as ``resonance frequency (kHz)``."""
    sources: tuple[Source, ...]
    scene: Scene | None = None
    factors: Factors | None = None
    clean: NDArray[np.floating[Any]] | None = None
    """The same spectra without noise, where they were simulated."""
    units: Mapping[str, str] = field(default_factory=dict)
    """That the file declares of what the channels were made from, such as ``{"signal": "V"}``."""
    notes: Mapping[str, float] = field(default_factory=dict)
    """Counts that a run logs under ``data/``, such as fits that failed."""


class Spectra(ABC):
    """Spectra as a model sees them: z-scored, laid out, split by pixels.

    After ``open``: ``measured`` (physical units), ``valid`` (pixels that are not masked), ``fold``, ``scaling``, and
    ``x``, shape (pixels, steps, channels) in the model's layout, zero at masked pixels.

    Args:
        layout: of the channels, see ``layout.lay_out``.
        scaling: one z-score per ``array`` or per ``step``, taken from the training pixels.
        batch_size: spectra per step of a network.
        mixup: share of the training spectra that a network sees blended with another one.
        split: how pixels are held out, see ``pixels.hold_out``; ignored by data that bring their own split.
    """

    synthetic = False

    def __init__(
        self,
        *,
        layout: Layout = "joined",
        scaling: Literal["array", "step"] = "array",
        batch_size: int = 128,
        mixup: float = 0.0,
        split: Mapping[str, Any] | None = None,
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

    def open(self) -> Self:
        """Read, mask, split and scale the spectra.

        Raises:
            DataError: naming the file, if nothing in it can be used.
        """
        self.measured = self.read()
        values = self.measured.values
        self.valid = np.isfinite(values).all(axis=(1, 2))
        if masked := int((~self.valid).sum()):
            console.print(f"{self.source.name}: {masked} of {len(values)} pixels hold no usable spectrum; masked")
        if not self.valid.any():
            raise DataError(f"{self.source.name}: none of its {len(values)} pixels holds a usable spectrum")
        self.fold = self.make_fold()
        self.scaling = self.make_scaling()
        scaled = np.zeros(values.shape, dtype=np.float32)
        scaled[self.valid] = self.scaling.scale(values[self.valid])
        self.x: NDArray[np.float32] = np.ascontiguousarray(lay_out(scaled, self.layout), dtype=np.float32)
        return self

    def check(self) -> None:
        """Raise what ``open`` would raise, where that can be found out sooner."""
        self.open()

    @property
    def source(self) -> Source:
        """The first file read."""
        return self.measured.sources[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read."""
        return self.measured.sources

    @property
    def shape(self) -> dict[str, int]:
        """What only the data can tell a model."""
        return {"steps": self.x.shape[1], "channels": self.x.shape[2]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell a baseline: of one table or scan, the same."""
        return self.shape

    @property
    def scene(self) -> Scene | None:
        """The map that is drawn."""
        return self.measured.scene

    def make_fold(self) -> Fold:
        """Hold pixels of the map out."""
        scene = self.measured.scene
        shape = scene.shape if scene else (1, len(self.valid))
        return hold_out(self.valid, shape, **self.split)

    def make_scaling(self) -> Scaling:
        """Take the z-scores from the training pixels."""
        return Scaling.fit(self.measured.values[self.fold.train], by=self.scale_by)

    def apart(self, x: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Return laid-out spectra as (pixels, steps, channels), still z-scores."""
        return take_apart(x, self.layout, len(self.measured.channels))

    def physical(self, x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return laid-out z-scores as spectra (pixels, steps, channels) in physical units."""
        return self.scaling.physical(self.apart(x))
