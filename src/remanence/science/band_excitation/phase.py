"""The piezoresponse P = A cos(φ + θ), and the rotation θ that puts the whole response into it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SATURATION = 0.9
"""Of the largest bias of either sign: beyond it, a loop counts as switched."""


def optimum_rotation(
    amplitude: ArrayLike, phase: ArrayLike, voltage: ArrayLike, *, per_pixel: bool = False
) -> NDArray[np.float64]:
    """Find the θ that leaves least energy in the quadrature A sin(φ + θ).

    With z = A exp(iφ), the energy of P exceeds that of the quadrature by Re(exp(2iθ) Σz²), so θ = -arg(Σz²)/2, up to
    π: of the two, the piezoresponse at positive saturation is to be above that at negative saturation. Phases enter
    as exp(iφ) only, so neither wrapping nor a jump of 2π changes the result.

    Args:
        amplitude: A, shape (..., steps); steps that are not finite are left out.
        phase: φ in radians, shape (..., steps).
        voltage: bias at each step, shape (steps,), of both signs.
        per_pixel: one θ for each pixel instead of one for the whole scan.

    Returns:
        θ in radians, from -π to π; shape () or with ``per_pixel`` (...,), NaN where a pixel has no finite step.

    Raises:
        ValueError: if the shapes do not fit together or the bias has one sign only.
    """
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
    axis = -1 if per_pixel else None
    rotation = -np.angle((response**2).sum(axis)) / 2
    positive, negative = v >= SATURATION * v.max(), v <= SATURATION * v.min()
    switched = _mean(response, valid, positive, axis) - _mean(response, valid, negative, axis)
    upside_down = (switched * np.exp(1j * rotation)).real < 0
    rotation = np.angle(np.exp(1j * (rotation + np.pi * upside_down)))
    return np.where(valid.any(axis), rotation, np.nan)


def piezoresponse(amplitude: ArrayLike, phase: ArrayLike, rotation: ArrayLike) -> NDArray[np.float64]:
    """Return ``P = A cos(φ + θ)`` in the unit of the amplitude.

    Args:
        amplitude: A, shape (..., steps).
        phase: φ in radians, shape (..., steps).
        rotation: θ in radians, shape () or (...,), from `optimum_rotation`.

    >>> piezoresponse([1.0, 2.0], [0.5, 0.5 - np.pi], -0.5).round(6).tolist()
    [1.0, -2.0]
    """
    theta = np.asarray(rotation, dtype=np.float64)[..., None]
    return np.asarray(np.asarray(amplitude) * np.cos(np.asarray(phase) + theta), dtype=np.float64)


def _mean(
    response: NDArray[np.complex128], valid: NDArray[np.bool_], steps: NDArray[np.bool_], axis: int | None
) -> NDArray[np.complex128]:
    count = valid[..., steps].sum(axis)
    return np.asarray(response[..., steps].sum(axis) / np.maximum(count, 1))
