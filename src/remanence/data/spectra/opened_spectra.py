"""Spectra as a model gets them: z-scored, laid out, and divided into training, validation and test pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.data.spectra.layout import Layout, take_apart
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.preparation import Preparation
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Fold


@dataclass
class OpenedSpectra:
    """Spectra after reading, masking, splitting and scaling."""

    measured: Measurement
    """Spectra after the first steps that are configured (``preparation``); without any, as they were read."""
    valid: NDArray[np.bool_]
    """Which pixels are not masked, shape (pixels,)."""
    fold: Fold
    """Pixels of the training, validation and test part."""
    scaling: Scaling
    x: NDArray[np.float32]
    """z-scores in the model's layout, shape (pixels, steps, channels); zero at masked pixels."""
    layout: Layout
    batch_size: int
    mixup: float
    """Share of the training spectra that are blended with another spectrum when a network trains."""
    as_read: Measurement
    """Spectra as they were read, in the units of the instrument; ``measured`` if nothing was done to them."""
    preparation: Preparation
    """The first steps that lead from ``as_read`` to ``measured``."""
    size: NDArray[np.float64] | None = None
    """What each spectrum was divided by, shape (pixels, 1, channels), NaN where masked; None if by nothing."""

    @property
    def source(self) -> Source:
        """Source of the first file that was read."""
        return self.measured.sources[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Source of every file that was read."""
        return self.measured.sources

    @property
    def synthetic(self) -> bool:
        """Whether the spectra were simulated."""
        return self.measured.synthetic

    @property
    def shape(self) -> dict[str, int]:
        """Arguments of a model that follow from the data."""
        return {"steps": self.x.shape[1], "channels": self.x.shape[2]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """Arguments of a baseline that follow from the data; for a single scan they are those of the model."""
        return self.shape

    @property
    def scene(self) -> Scene | None:
        """The map that figures show; None if the spectra do not form a map."""
        return self.measured.scene

    @property
    def values(self) -> NDArray[np.floating[Any]]:
        """Spectra (pixels, steps, channels) in physical units; NaN at masked pixels."""
        return np.where(self.valid[:, None, None], self.measured.values, np.nan)

    @property
    def axis(self) -> NDArray[np.float64]:
        """Value of each step, such as the bias, shape (steps,); ``measured.axis_label`` has its name and unit."""
        return self.measured.axis

    @property
    def channels(self) -> tuple[str, ...]:
        """Name and unit of each channel."""
        return self.measured.channels

    @property
    def side(self) -> float | None:
        """Width of the map in µm; None if there is no map or its width is not known."""
        return None if self.scene is None else self.scene.side

    @property
    def folds(self) -> Sequence[Fold]:
        """The only fold, as a list: other kinds of data may have several folds."""
        return [self.fold]

    def apart(self, x: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Return laid-out z-scores as z-scores of shape (pixels, steps, channels)."""
        return take_apart(x, self.layout, len(self.measured.channels))

    def physical(self, x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return laid-out z-scores as spectra in physical units, shape (pixels, steps, channels)."""
        return self.scaling.physical(self.apart(x))
