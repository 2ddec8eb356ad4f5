"""The result of reading spectra: values in physical units and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.resonances import Resonances
from remanence.data.splits import Rows


@dataclass(frozen=True)
class Scene:
    """Pixels that form a map."""

    name: str
    rows: Rows
    """Numbers of the spectra that make up the map, row by row."""
    shape: tuple[int, int]
    """Rows and columns of the map."""
    side: float | None = None
    """Width of the map in µm, or None if it is not known."""
    axes: tuple[Dimension, Dimension] | None = None
    """Coordinates of the rows and of the columns with their units; None if the file has none."""


@dataclass(frozen=True)
class Factors:
    """Known causes of the spectra: the colours of the toy problem, or the latent maps of the simulator."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    """Values of the factors, shape (pixels, factors)."""


@dataclass(frozen=True)
class Measurement:
    """Spectra as a reader returns them."""

    values: NDArray[np.floating[Any]]
    """Spectra in physical units, shape (pixels, steps, channels); NaN where nothing was measured."""
    axis: NDArray[np.float64]
    """Value of each step, such as the bias, shape (steps,)."""
    axis_label: str
    channels: tuple[str, ...]
    """Name and unit of each channel, such as ``resonance frequency (kHz)``."""
    sources: tuple[Source, ...]
    scene: Scene | None = None
    factors: Factors | None = None
    clean: NDArray[np.floating[Any]] | None = None
    """The same spectra without noise; None for spectra that were not simulated."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units that the file declares for the data that the channels were computed from, such as ``{"signal": "V"}``."""
    notes: Mapping[str, float] = field(default_factory=dict)
    """Numbers that a run logs under ``data/``, such as the number of failed fits."""
    synthetic: bool = False
    """Whether the spectra were simulated."""
    resonances: Resonances | None = None
    """The resonance fits that the loops were computed from; None unless a raw scan was read."""
