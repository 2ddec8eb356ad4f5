"""Parameters of a hysteresis loop: coercive biases, remanence, area, imprint, softening, and two-step switching."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SATURATION = 0.9
"""Share of the largest bias of either sign beyond which the resonance is that of the switched state."""

PROMINENCE = 0.2
"""Least prominence with which a further peak of dP/dV counts as a step and not as noise.

It is a share of the steepest slope of the branch.
"""

SMOOTHING = np.array([1, 6, 15, 20, 15, 6, 1]) / 64
"""Binomial filter, about three steps of the bias wide: narrower than a coercive region, wider than noise."""


@dataclass(frozen=True)
class LoopParameters:
    """Parameters of hysteresis loops; every field has the shape (...,) of the pixels and is NaN where undefined.

    The falling branch leads from the positive to the negative maximum of the bias, the rising branch back.
    """

    positive_coercive_bias: Array
    """Bias in V at which the rising branch changes sign."""
    negative_coercive_bias: Array
    """Bias in V at which the falling branch changes sign."""
    positive_remanence: Array
    """Value of the falling branch at zero bias, in the unit of P."""
    negative_remanence: Array
    """Value of the rising branch at zero bias, in the unit of P."""
    area: Array
    """Area in the unit of P times V; positive where the falling branch is the upper one."""
    imprint: Array
    """Mean of the two coercive biases in V."""
    rising_concavities: Array
    """Number of plateaus between steps of the rising branch; 0 where the branch switches in one step."""
    falling_concavities: Array
    """Number of plateaus between steps of the falling branch."""
    rising_concavity: Array
    """Depth of the deepest plateau of the rising branch, from 0 (no plateau) to 1.

    1 means that dP/dV falls to zero or below between two steps.
    """
    falling_concavity: Array
    """Depth of the deepest plateau of the falling branch, from 0 to 1."""
    positive_softening: Array
    """Deepest dip of the resonance below saturation at positive bias, in the unit of the frequency, not negative."""
    negative_softening: Array
    """Deepest dip of the resonance below saturation at negative bias, in the unit of the frequency, not negative."""
    positive_hardening: Array
    """Highest rise of the resonance above saturation at positive bias, in the unit of the frequency, not negative."""
    negative_hardening: Array
    """Highest rise of the resonance above saturation at negative bias, in the unit of the frequency, not negative."""


def loop_parameters(
    voltage: ArrayLike, piezoresponse: ArrayLike, resonance_frequency: ArrayLike | None = None
) -> LoopParameters:
    """Return the parameters of closed hysteresis loops.

    The saturated resonance is the straight line through the mean resonances at both ends of a branch. Softening and
    hardening are taken over both branches together, because published resonances do not always run in the direction of
    their piezoresponse. Coercive biases, concavities, softening and hardening are measured on lightly smoothed
    branches. If a branch changes sign several times, its coercive bias is the mean of the biases at which it does.

    Args:
        voltage: bias of one cycle over time in V, shape (steps,), with both signs; it may start anywhere in the cycle.
        piezoresponse: piezoresponse P, shape (..., steps); a pixel with a step that is not finite gets NaN.
        resonance_frequency: resonance frequency, shape (..., steps); without it softening and hardening are NaN.

    Raises:
        ValueError: if the shapes do not fit together or the bias is not one cycle through zero.

    >>> voltage = np.concatenate((np.linspace(8, -8, 48, endpoint=False), np.linspace(-8, 8, 48, endpoint=False)))
    >>> rising = np.arange(96) >= 48
    >>> loop = loop_parameters(voltage, np.tanh(voltage - np.where(rising, 3.5, -2.5)))
    >>> round(float(loop.positive_coercive_bias), 2), round(float(loop.imprint), 2), float(loop.rising_concavities)
    (3.5, 0.5, 0.0)
    """
    v = np.asarray(voltage, dtype=np.float64)
    grid, to_falling, to_rising = _branches(v)
    p = _finite(piezoresponse, v.size, "piezoresponse")
    falling, rising = p @ to_falling, p @ to_rising  # (..., grid), both from the lowest bias to the highest
    smooth_falling, smooth_rising = _smooth(falling), _smooth(rising)
    negative_coercive, positive_coercive = _zero_crossing(grid, smooth_falling), _zero_crossing(grid, smooth_rising)
    at_zero = _interpolation(grid, np.zeros(1))[:, 0]
    falling_rate, rising_rate = _switching_rate(grid, smooth_falling), _switching_rate(grid, smooth_rising)
    falling_steps, rising_steps = _steps(falling_rate), _steps(rising_rate)
    if resonance_frequency is None:
        positive_mode = negative_mode = (np.full(p.shape[:-1], np.nan),) * 2
    else:
        resonance = _finite(resonance_frequency, v.size, "resonance_frequency")
        beyond = np.stack([_beyond_saturation(grid, resonance @ branch) for branch in (to_falling, to_rising)])
        positive_mode, negative_mode = _extremes(beyond[..., grid > 0]), _extremes(beyond[..., grid < 0])
    return LoopParameters(
        positive_coercive_bias=positive_coercive,
        negative_coercive_bias=negative_coercive,
        positive_remanence=falling @ at_zero,
        negative_remanence=rising @ at_zero,
        area=np.asarray(np.trapezoid(falling - rising, grid, axis=-1)),
        imprint=(positive_coercive + negative_coercive) / 2,
        rising_concavities=rising_steps[0],
        falling_concavities=falling_steps[0],
        rising_concavity=rising_steps[1],
        falling_concavity=falling_steps[1],
        positive_softening=positive_mode[0],
        negative_softening=negative_mode[0],
        positive_hardening=positive_mode[1],
        negative_hardening=negative_mode[1],
    )


def _branches(v: Array) -> tuple[Array, Array, Array]:
    """Return a uniform bias (grid,) and two matrices (steps, grid) that interpolate each branch on it.

    The first matrix is of the falling branch, the second of the rising branch.
    """
    if v.ndim != 1 or v.size < 8 or not v.min() < 0 < v.max():
        raise ValueError("Expected `voltage` to be one cycle of at least eight steps and both signs.")
    cycle = (np.argmax(v) + np.arange(v.size + 1)) % v.size  # one whole cycle, beginning at the positive maximum
    lowest = int(np.argmin(v[cycle]))
    falling, rising = cycle[: lowest + 1], cycle[lowest:]
    if (np.diff(v[falling]) > 0).any() or (np.diff(v[rising]) < 0).any():
        raise ValueError("Expected `voltage` to be one cycle: down from its maximum to its minimum and up again.")
    grid = np.linspace(v.min(), v.max(), max(len(falling), len(rising)))
    matrices = []
    for steps in (falling, rising):
        levels, level = np.unique(v[steps], return_inverse=True)
        average = np.zeros((v.size, len(levels)))  # the responses to a repeated bias are averaged
        np.add.at(average, (steps, level), 1 / np.bincount(level)[level])
        matrices.append(average @ _interpolation(levels, grid))
    return grid, matrices[0], matrices[1]


def _interpolation(known: Array, wanted: Array) -> Array:
    """Return the matrix (known, wanted) that interpolates linearly from ``known`` to ``wanted`` positions."""
    return np.stack([np.interp(wanted, known, unit) for unit in np.eye(len(known))])


def _finite(loops: ArrayLike, steps: int, name: str) -> Array:
    loops = np.asarray(loops, dtype=np.float64)
    if loops.shape[-1:] != (steps,):
        raise ValueError(f"Expected `{name}` with {steps} steps in each loop, but got shape {loops.shape}.")
    return np.where(np.isfinite(loops).all(axis=-1, keepdims=True), loops, np.nan)


def _smooth(branches: Array) -> Array:
    half = len(SMOOTHING) // 2
    padded = np.pad(branches, [(0, 0)] * (branches.ndim - 1) + [(half, half)], mode="reflect", reflect_type="odd")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, len(SMOOTHING), axis=-1) @ SMOOTHING)


def _zero_crossing(grid: Array, branches: Array) -> Array:
    """Return the mean bias (...,) at which branches (..., grid) change sign."""
    left, right = branches[..., :-1], branches[..., 1:]
    crosses = (left < 0) != (right < 0)
    crosses &= np.isfinite(left)
    share = np.divide(left, left - right, out=np.zeros_like(left), where=crosses)
    places = np.where(crosses, grid[:-1] + share * np.diff(grid), 0)
    count = crosses.sum(axis=-1)
    return np.where(count > 0, places.sum(axis=-1) / np.maximum(count, 1), np.nan)


def _switching_rate(grid: Array, branches: Array) -> Array:
    """Return dP/dV (..., grid) in the direction in which the branch switches; 0 where P changes the other way."""
    direction = np.where(branches[..., -1:] < branches[..., :1], -1, 1)
    return np.maximum(direction * np.gradient(branches, grid, axis=-1), 0)


def _steps(rate: Array) -> tuple[Array, Array]:
    """Return the number of plateaus between peaks of the rate (..., grid), and the depth of the deepest, 0 to 1.

    The loop walks along the bias. It counts a peak or a valley as soon as the rate has moved away from it by the
    prominence.
    """
    least = PROMINENCE * rate.max(axis=-1)
    climbing = np.zeros(least.shape, dtype=bool)
    peaks, deepest = np.zeros(least.shape), np.zeros(least.shape)
    last_peak = np.full(least.shape, np.nan)
    peak = valley = valley_between = rate[..., 0]
    for here in np.moveaxis(rate, -1, 0):
        peak, valley = np.maximum(peak, here), np.minimum(valley, here)
        found_peak = climbing & (here < peak - least)
        found_valley = ~climbing & (here > valley + least)
        lower = np.fmin(last_peak, peak)
        depth = np.divide(lower - valley_between, lower, out=np.zeros_like(lower), where=lower > 0)
        deepest = np.where(found_peak & (peaks > 0), np.maximum(deepest, depth), deepest)
        peaks, last_peak = peaks + found_peak, np.where(found_peak, peak, last_peak)
        valley_between = np.where(found_valley, valley, valley_between)
        climbing = (climbing | found_valley) & ~found_peak
        peak = np.where(found_valley, here, peak)
        valley = np.where(found_peak, here, valley)
    defined = np.isfinite(least)
    return np.where(defined, np.maximum(peaks - 1, 0), np.nan), np.where(defined, deepest, np.nan)


def _beyond_saturation(grid: Array, resonance: Array) -> Array:
    """Return resonances (..., grid) minus the line through both saturated ends of the branch."""
    ends = grid <= SATURATION * grid[0], grid >= SATURATION * grid[-1]
    (low_v, high_v), (low, high) = ([x[..., end].mean(axis=-1) for end in ends] for x in (grid, resonance))
    line = low[..., None] + (high - low)[..., None] * (grid - low_v) / (high_v - low_v)
    return np.asarray(_smooth(resonance) - line)


def _extremes(beyond: Array) -> tuple[Array, Array]:
    """Return the deepest dip and the highest rise (...,) of ``beyond`` (branches, ..., grid) over both branches."""
    return np.maximum(-beyond.min(axis=(0, -1)), 0), np.maximum(beyond.max(axis=(0, -1)), 0)
