"""Spectra as a model sees them: z-scored, laid out, and divided into pixels to train on and to test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.data.spectra.layout import Layout, take_apart
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Fold


@dataclass
class OpenedSpectra:
    """Spectra that were read, masked, split and scaled."""

    measured: Measurement
    """In physical units."""
    valid: NDArray[np.bool_]
    """Pixels that are not masked, shape (pixels,)."""
    fold: Fold
    """Pixels of each part."""
    scaling: Scaling
    x: NDArray[np.float32]
    """z-scores in the model's layout, shape (pixels, steps, channels); zero at masked pixels."""
    layout: Layout
    batch_size: int
    mixup: float
    """Share of the training spectra that a network sees blended with another one."""

    @property
    def source(self) -> Source:
        """The first file read."""
        return self.measured.sources[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read."""
        return self.measured.sources

    @property
    def synthetic(self) -> bool:
        """Whether the spectra were simulated."""
        return self.measured.synthetic

    @property
    def shape(self) -> dict[str, int]:
        """What only the data can tell a model."""
        return {"steps": self.x.shape[1], "channels": self.x.shape[2]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell a baseline: for one scan, the same."""
        return self.shape

    @property
    def scene(self) -> Scene | None:
        """The map that is drawn."""
        return self.measured.scene

    @property
    def values(self) -> NDArray[np.floating[Any]]:
        """Spectra (pixels, steps, channels) in physical units; NaN at masked pixels."""
        return np.where(self.valid[:, None, None], self.measured.values, np.nan)

    @property
    def axis(self) -> NDArray[np.float64]:
        """What is stepped through, shape (steps,); ``measured.axis_label`` has its name and unit."""
        return self.measured.axis

    @property
    def channels(self) -> tuple[str, ...]:
        """Name and unit of each channel."""
        return self.measured.channels

    @property
    def side(self) -> float | None:
        """Width of the map in µm; None where there is no map, or its width is not known."""
        return None if self.scene is None else self.scene.side

    @property
    def folds(self) -> Sequence[Fold]:
        """The only fold, as for data of which every row is held out in turn."""
        return [self.fold]

    def apart(self, x: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Return laid-out spectra as (pixels, steps, channels), still z-scores."""
        return take_apart(x, self.layout, len(self.measured.channels))

    def physical(self, x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return laid-out z-scores as spectra (pixels, steps, channels) in physical units."""
        return self.scaling.physical(self.apart(x))
