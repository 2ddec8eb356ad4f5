"""Between the physical units of an instrument and the z-scores that a model sees."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Scaling:
    """z = (value − mean) / sd, per channel; ``mean`` and ``sd`` broadcast against (pixels, steps, channels)."""

    mean: NDArray[np.float64]
    """Shape (1, channels) for one z-score per array, (steps, channels) for one per step."""
    sd: NDArray[np.float64]

    @classmethod
    def fit(cls, values: Values, *, by: str) -> Self:
        """Take mean and standard deviation of spectra (pixels, steps, channels).

        Args:
            values: training pixels only, physical units.
            by: ``array`` keeps the shape of a loop, ``step`` gives every step the same weight.
        """
        axes = (0, 1) if by == "array" else (0,)
        mean = values.mean(axis=axes, dtype=np.float64)
        sd = values.std(axis=axes, dtype=np.float64)
        sd = np.where(sd > 0, sd, 1.0)  # a step at which nothing happens scales to 0
        return cls(np.atleast_2d(mean), np.atleast_2d(sd))

    def scale(self, values: Values) -> NDArray[np.float32]:
        """Return z-scores of spectra (pixels, steps, channels)."""
        return np.asarray((values - self.mean) / self.sd, dtype=np.float32)

    def physical(self, scaled: Values) -> NDArray[np.float64]:
        """Return the physical units of z-scores (pixels, steps, channels)."""
        return np.asarray(scaled * self.sd + self.mean, dtype=np.float64)

    def to_dict(self) -> dict[str, list[list[float]]]:
        """Return plain values from which ``from_dict`` makes it again."""
        return {"mean": self.mean.tolist(), "sd": self.sd.tolist()}

    @classmethod
    def from_dict(cls, values: dict[str, list[list[float]]]) -> Self:
        """Make a scaling from what ``to_dict`` returned."""
        return cls(np.asarray(values["mean"]), np.asarray(values["sd"]))
