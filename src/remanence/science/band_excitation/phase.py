"""The piezoresponse P = A cos(φ + θ), and the rotation θ that puts as much of the response into P as possible."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

SATURATION = 0.9
"""Share of the largest bias of either sign beyond which a loop counts as switched."""


def optimum_rotation(
    amplitude: ArrayLike, phase: ArrayLike, voltage: ArrayLike, *, per_pixel: bool = False
) -> NDArray[np.float64]:
    """Return the θ that leaves the least energy in the quadrature A sin(φ + θ).

    With z = A exp(iφ), the energy of P exceeds that of the quadrature by Re(exp(2iθ) Σz²), so θ = -arg(Σz²)/2, up to π.
    Of the two solutions, the one with the larger piezoresponse at positive than at negative saturation is taken. Phases
    enter as exp(iφ) only, so neither wrapping nor a jump of 2π changes the result.

    Args:
        amplitude: amplitude A, shape (..., steps); steps that are not finite are left out.
        phase: phase φ in radians, shape (..., steps).
        voltage: bias at each step, shape (steps,), with both signs.
        per_pixel: whether to return one θ for each pixel instead of one for the whole scan.

    Returns:
        θ in radians, from -π to π; shape (), or (...,) with ``per_pixel``. NaN where a pixel has no finite step.

    Raises:
        ValueError: if the shapes do not fit together or the bias has one sign only.
    """
    sums = RotationSums.of(amplitude, phase, voltage)
    return sums.rotation if per_pixel else sums.over_pixels().rotation


@dataclass(frozen=True)
class RotationSums:
    """Sums over the steps of each pixel, shape (...,), that determine θ and can be added over the parts of a scan.

    >>> parts = [RotationSums.of([a, a], [0.5, 0.5 - np.pi], [1.0, -1.0]) for a in (1.0, 2.0)]
    >>> round(float((parts[0] + parts[1]).rotation), 6)
    -0.5
    """

    squares: NDArray[np.complex128]
    """Σz² with z = A exp(iφ)."""
    positive: NDArray[np.complex128]
    """Σz at positive saturation."""
    positives: NDArray[np.int64]
    """Number of finite steps at positive saturation."""
    negative: NDArray[np.complex128]
    """Σz at negative saturation."""
    negatives: NDArray[np.int64]
    """Number of finite steps at negative saturation."""
    steps: NDArray[np.int64]
    """Number of finite steps."""

    @classmethod
    def of(cls, amplitude: ArrayLike, phase: ArrayLike, voltage: ArrayLike) -> Self:
        """Return the sums over the steps; arguments and errors are those of `optimum_rotation`."""
        a, phi, v = (np.asarray(values, dtype=np.float64) for values in (amplitude, phase, voltage))
        if a.shape != phi.shape or v.shape != a.shape[-1:]:
            raise ValueError(
                f"Expected `amplitude` and `phase` alike and {v.size} steps, but got {a.shape} and {phi.shape}."
            )
        if not v.min() < 0 < v.max():
            raise ValueError("Expected `voltage` of both signs: they tell θ from θ + π.")
        response = a * np.exp(1j * phi)
        valid = np.isfinite(response)
        response = np.where(valid, response, 0)
        high, low = v >= SATURATION * v.max(), v <= SATURATION * v.min()
        return cls(
            squares=np.asarray((response**2).sum(-1)),
            positive=np.asarray(response[..., high].sum(-1)),
            positives=np.asarray(valid[..., high].sum(-1)),
            negative=np.asarray(response[..., low].sum(-1)),
            negatives=np.asarray(valid[..., low].sum(-1)),
            steps=np.asarray(valid.sum(-1)),
        )

    @classmethod
    def without_bias(cls, amplitude: ArrayLike, phase: ArrayLike) -> Self:
        """Return the sums over the steps where no bias switches: the mean piezoresponse is taken as positive.

        Args:
            amplitude: amplitude A, shape (..., steps); steps that are not finite are left out.
            phase: phase φ in radians, of the same shape.
        """
        response = np.asarray(amplitude, dtype=np.float64) * np.exp(1j * np.asarray(phase, dtype=np.float64))
        valid = np.isfinite(response)
        response = np.where(valid, response, 0)
        total, number = np.asarray(response.sum(-1)), np.asarray(valid.sum(-1))
        nothing, none = np.zeros_like(total), np.zeros_like(number)
        return cls(np.asarray((response**2).sum(-1)), total, number, nothing, none, number)

    def over_pixels(self) -> Self:
        """Return the sums over all pixels, shape ()."""
        return type(self)(*(np.asarray(getattr(self, entry.name).sum()) for entry in fields(self)))

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(self)))

    @property
    def rotation(self) -> NDArray[np.float64]:
        """θ in radians, from -π to π; NaN without a finite step."""
        rotation = -np.angle(self.squares) / 2
        high, low = self.positive / np.maximum(self.positives, 1), self.negative / np.maximum(self.negatives, 1)
        upside_down = ((high - low) * np.exp(1j * rotation)).real < 0
        rotation = np.angle(np.exp(1j * (rotation + np.pi * upside_down)))
        return np.where(self.steps > 0, rotation, np.nan)


def piezoresponse(amplitude: ArrayLike, phase: ArrayLike, rotation: ArrayLike) -> NDArray[np.float64]:
    """Return ``P = A cos(φ + θ)`` in the unit of the amplitude.

    Args:
        amplitude: amplitude A, shape (..., steps).
        phase: phase φ in radians, shape (..., steps).
        rotation: rotation θ in radians, shape () or (...,), from `optimum_rotation`.

    >>> piezoresponse([1.0, 2.0], [0.5, 0.5 - np.pi], -0.5).round(6).tolist()
    [1.0, -2.0]
    """
    theta = np.asarray(rotation, dtype=np.float64)[..., None]
    return np.asarray(np.asarray(amplitude) * np.cos(np.asarray(phase) + theta), dtype=np.float64)
