"""What a reader of spectra finds: values in physical units, and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.data.spectra.resonances import Resonances
from remanence.data.splits import Rows


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
    synthetic: bool = False
    """Whether the spectra were simulated."""
    resonances: Resonances | None = None
    """The fits that the loops were made from, where a raw scan was read."""
