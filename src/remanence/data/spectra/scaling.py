"""Conversion between the physical units of an instrument and the z-scores that a model gets."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.spikes import robust_spread

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Scaling:
    """z = (value − mean) / sd, per channel; ``mean`` and ``sd`` broadcast against (pixels, steps, channels)."""

    mean: NDArray[np.float64]
    """Mean, of shape (1, channels) for one z-score per array, or (steps, channels) for one per step."""
    sd: NDArray[np.float64]

    @classmethod
    def fit(cls, values: Values, *, by: str) -> Self:
        """Compute mean and standard deviation of spectra (pixels, steps, channels).

        Args:
            values: spectra of the training pixels, in physical units.
            by: ``array`` takes one z-score per channel, which keeps the shape of a loop; ``step`` takes one per step
                and channel, which gives every step the same weight; ``robust`` takes, per channel, the median instead
                of the mean and half the range of the middle 68.3 % of the values instead of the standard deviation, so
                that a few outliers do not make all other spectra flat.
        """
        if by == "robust":
            spread = robust_spread(values)
            spread = np.where(spread > 0, spread, values.std(axis=(0, 1), dtype=np.float64))  # most values are equal
            middle = np.median(values, axis=(0, 1)).astype(np.float64)
            return cls(np.atleast_2d(middle), np.atleast_2d(np.where(spread > 0, spread, 1.0)))
        axes = (0, 1) if by == "array" else (0,)
        mean = values.mean(axis=axes, dtype=np.float64)
        sd = values.std(axis=axes, dtype=np.float64)
        sd = np.where(sd > 0, sd, 1.0)  # a step at which all values are equal scales to 0
        return cls(np.atleast_2d(mean), np.atleast_2d(sd))

    def scale(self, values: Values) -> NDArray[np.float32]:
        """Return z-scores of spectra (pixels, steps, channels)."""
        return np.asarray((values - self.mean) / self.sd, dtype=np.float32)

    def physical(self, scaled: Values) -> NDArray[np.float64]:
        """Return z-scores (pixels, steps, channels) as spectra in physical units."""
        return np.asarray(scaled * self.sd + self.mean, dtype=np.float64)

    def to_dict(self) -> dict[str, list[list[float]]]:
        """Return plain values; ``from_dict`` rebuilds the scaling from them."""
        return {"mean": self.mean.tolist(), "sd": self.sd.tolist()}

    @classmethod
    def from_dict(cls, values: dict[str, list[list[float]]]) -> Self:
        """Return the scaling described by the values that ``to_dict`` returned."""
        return cls(np.asarray(values["mean"]), np.asarray(values["sd"]))
