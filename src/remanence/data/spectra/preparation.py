"""The first steps of a spectroscopist: cropping, spikes, background, smoothing and normalisation of spectra."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from remanence.data.spectra.background import Background, background_of
from remanence.data.spectra.spikes import extents, find_spikes, rough, spike_limits, without_spikes
from remanence.errors import ConfigurationError, DataError

Normalisation = Literal["none", "maximum", "area", "norm"]
Values = NDArray[np.floating[Any]]

CUBIC = 3
"""Degree of the Savitzky-Golay filter, which keeps height and width of a peak."""
MOST_SPIKES = 0.2
"""Share of values far from their neighbours above which a pixel is masked: the rest does not tell what it was."""
FEWEST_STEPS = 4


@dataclass(frozen=True)
class Prepared:
    """Spectra after the first steps, and what undoes them."""

    values: NDArray[np.float64]
    """Spectra as a model's scaling gets them, shape (pixels, kept steps, channels)."""
    spikes: NDArray[np.bool_]
    """Which values were spikes and are interpolated, in the same shape."""
    rough: NDArray[np.bool_]
    """Which spectra hold so many values far from their neighbours that nobody can tell what they were, (pixels,)."""
    extent: NDArray[np.float64] | None
    """Extent of each spectrum without its spikes, (pixels, channels); None where no spikes are looked for."""
    background: NDArray[np.float64] | None
    """What was subtracted, in the same shape; None if nothing was."""
    size: NDArray[np.float64] | None
    """What each spectrum was divided by, shape (pixels, 1, channels); None if by nothing."""

    def lost(self, times: float) -> NDArray[np.bool_]:
        """Return which spectra are rough, or more than ``times`` as large as the typical one, shape (pixels,)."""
        if self.extent is None:
            return self.rough
        lost: NDArray[np.bool_] = self.rough | (self.extent > times * np.median(self.extent, axis=0)).any(axis=1)
        return lost

    def restore(self, values: Values) -> NDArray[np.float64]:
        """Return spectra of the same pixels, such as their reconstructions, in the unit of the instrument."""
        restored = np.asarray(values, dtype=np.float64)
        if self.size is not None:
            restored = restored * self.size
        return restored if self.background is None else restored + self.background


@dataclass(frozen=True)
class Preparation:
    """What is done to spectra before they are scaled, in the order of the arguments; all of it is off by default.

    Args:
        crop: lowest and highest value of the axis that are kept; None keeps all.
        spikes: deviation from the running median above which a value is a spike and is interpolated, in robust standard
            deviations; None looks for none. A line narrower than three steps is a spike, too.
        background: kind of background to subtract, see ``background.background_of``.
        background_degree: degree of the polynomial background.
        background_stiffness: stiffness of the ``asls`` background.
        smoothing: length of the window of a cubic Savitzky-Golay filter in steps, odd; None does not smooth.
        normalisation: what every channel of each spectrum is divided by: its largest absolute value, its area (that of
            the absolute values along the axis) or its norm (root of the sum of squares).
        limits: limit of spikes of each channel, as ``learn`` has found it.

    A spectrum of which more than a fifth is far from its neighbours, or whose extent is more than ``spikes`` times that
    of the typical spectrum after spikes are interpolated, is masked when data are opened, see ``lost``.

    Raises:
        ConfigurationError: if two arguments exclude each other, or an interval is empty.
    """

    crop: tuple[float, float] | None = None
    spikes: float | None = None
    background: Background = "none"
    background_degree: int = 2
    background_stiffness: float = 1e5
    smoothing: int | None = None
    normalisation: Normalisation = "none"
    limits: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.crop is not None and not self.crop[0] < self.crop[1]:
            raise ConfigurationError(f"data.crop: should be [lowest, highest], got {list(self.crop)}")
        if self.smoothing is not None and self.smoothing % 2 == 0:
            raise ConfigurationError(f"data.smoothing: should be an odd number of steps, got {self.smoothing}")

    @property
    def neutral(self) -> bool:
        """Whether nothing is done."""
        return self.crop is None and self.spikes is None and self.smoothing is None and not self.changes_size

    @property
    def changes_size(self) -> bool:
        """Whether values leave the scale of the instrument, so that a scaling made for it does not suit them."""
        return self.background != "none" or self.normalisation != "none"

    def kept(self, axis: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which steps of an axis (steps,) are kept.

        Raises:
            DataError: if too few are.
        """
        if self.crop is None:
            return np.ones(len(axis), dtype=np.bool_)
        inside: NDArray[np.bool_] = (axis >= self.crop[0]) & (axis <= self.crop[1])
        if (number := int(inside.sum())) < FEWEST_STEPS:
            raise DataError(
                f"data.crop: {number} of {len(axis)} steps lie between {self.crop[0]:g} and {self.crop[1]:g}, expected "
                f"at least {FEWEST_STEPS}; the axis runs from {axis.min():g} to {axis.max():g}"
            )
        return inside

    def learn(self, values: Values, axis: NDArray[np.float64]) -> Self:
        """Return the same with the limits of spikes, found in spectra (pixels, steps, channels).

        Raises:
            DataError: if the spectra have too few steps.
        """
        kept = self.kept(axis)
        if self.smoothing is not None and self.smoothing > kept.sum():
            raise DataError(f"data.smoothing: {self.smoothing} steps are more than the {kept.sum()} of a spectrum")
        if self.background == "polynomial" and self.background_degree + 1 >= kept.sum():
            raise DataError(
                f"data.background_degree: should be below {kept.sum() - 1} for spectra of {kept.sum()} steps, got "
                f"{self.background_degree}"
            )
        if self.spikes is None:
            return self
        return replace(self, limits=tuple(spike_limits(values[:, kept], self.spikes).tolist()))

    def apply(self, values: Values, axis: NDArray[np.float64]) -> Prepared:
        """Return spectra (pixels, steps, channels) after the first steps; all values that are kept must be finite."""
        kept = self.kept(axis)
        prepared = np.asarray(values[:, kept], dtype=np.float64)
        spikes, unclear = np.zeros(prepared.shape, dtype=np.bool_), np.zeros(len(prepared), dtype=np.bool_)
        background, size, extent = None, None, None
        if self.limits is not None and len(prepared):
            limits = np.asarray(self.limits)
            unclear = rough(prepared, limits) > MOST_SPIKES
            spikes = find_spikes(prepared, limits)
            prepared = np.asarray(without_spikes(prepared, spikes), dtype=np.float64)
            extent = extents(prepared)
        if self.background != "none":
            options: dict[str, Any] = {"degree": self.background_degree, "stiffness": self.background_stiffness}
            background = background_of(prepared, axis[kept], self.background, **options)
            prepared = prepared - background
        if self.smoothing is not None and len(prepared):
            prepared = savgol_filter(prepared, self.smoothing, CUBIC, axis=1)
        if self.normalisation != "none":
            size = _size(prepared, axis[kept], self.normalisation)
            prepared = prepared / size
        return Prepared(prepared, spikes, unclear, extent, background, size)

    def channels(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return names and units of the channels after the first steps."""
        if self.normalisation == "none":
            return names
        return tuple(f"{name.partition(' (')[0]} ({self.normalisation} = 1)" for name in names)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; ``from_dict`` rebuilds the first steps from them."""
        plain = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """Return what ``to_dict`` described; nothing is done where a key is missing."""
        arguments: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return cls(**arguments)


def _size(values: NDArray[np.float64], axis: NDArray[np.float64], by: Normalisation) -> NDArray[np.float64]:
    """Return what each channel of each spectrum is divided by, shape (pixels, 1, channels); 1 where it is zero."""
    absolute = np.abs(values)
    if by == "maximum":
        size = absolute.max(axis=1, keepdims=True)
    elif by == "area":
        along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(axis)))])  # a loop runs forth and back
        size = np.trapezoid(absolute, along, axis=1)[:, None]
    else:
        size = np.sqrt((values**2).sum(axis=1, keepdims=True))
    return np.where(size > 0, size, 1.0)
