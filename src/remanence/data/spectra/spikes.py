"""Spikes: single values far from their neighbours along the axis, such as cosmic rays and fits that failed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, median_filter, minimum_filter

Values = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

WINDOW = 5
"""Steps of the running median, so that up to two spikes in a row are found and a switching loop is none."""
ALONE = 0.6
"""Smallest part of the range of its window that a spike takes; the tip of a line or a sharp loop takes up to half."""
PASSES = 3
"""Rounds of finding and interpolating spikes; further ones find nothing in real loops."""
FLOOR = 0.01
"""Smallest deviation from the running median, as a share of the channel's spread: noise-free spectra have none."""
NORMAL = 1.4826
"""Standard deviation of a normal distribution in multiples of its median absolute deviation."""


def robust_spread(values: Values) -> NDArray[np.float64]:
    """Return half the range of the middle 68.3 % of the values of each channel, shape (channels,).

    For a normal distribution this is the standard deviation; a few values of any size do not change it.

    >>> robust_spread(np.append(np.linspace(-1, 1, 999), 1e9).reshape(1, -1, 1)).round(2).tolist()
    [0.68]
    """
    low, high = np.quantile(values, [0.158655, 0.841345], axis=(0, 1))
    return np.asarray((high - low) / 2, dtype=np.float64)


def deviations(values: Values) -> Values:
    """Return how far each value is from the running median of its spectrum, in the shape of ``values``."""
    off: Values = values - median_filter(
        values, size=(1, WINDOW, 1), mode="mirror"
    )  # so that a spike at an end is found
    return off


def spike_limits(values: Values, threshold: float) -> NDArray[np.float64]:
    """Return the deviation above which a value of each channel is a spike, shape (channels,).

    Args:
        values: spectra (pixels, steps, channels).
        threshold: limit in robust standard deviations of the channel's deviations from the running median.
    """
    noise = NORMAL * np.median(np.abs(deviations(values)), axis=(0, 1))
    return np.asarray(threshold * np.maximum(noise, FLOOR * robust_spread(values)), dtype=np.float64)


def rough(values: Values, limits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share of each spectrum is farther than ``limits`` from the running median, shape (pixels,)."""
    share: NDArray[np.float64] = (np.abs(deviations(values)) > limits).mean(axis=(1, 2))
    return share


def find_spikes(values: Values, limits: NDArray[np.float64]) -> Mask:
    """Return which values of spectra (pixels, steps, channels) are spikes.

    A spike is farther than ``limits`` (channels,) from the running median, and stands alone: what is between it and
    the median is most of the range of the window, so that the tip of a line of three steps or more is none. Spikes that
    others hide are found after these have been interpolated.
    """
    size, spikes = (1, WINDOW, 1), np.zeros(values.shape, dtype=np.bool_)
    for _ in range(PASSES):
        left = without_spikes(values, spikes)
        span = maximum_filter(left, size=size, mode="mirror") - minimum_filter(left, size=size, mode="mirror")
        found = np.abs(deviations(left)) > np.maximum(limits, ALONE * span)
        if not (found & ~spikes).any():
            break
        spikes |= found
    return spikes


def extents(values: Values) -> NDArray[np.float64]:
    """Return the largest distance of each spectrum from the median of all values of its channel, (pixels, channels)."""
    extent: NDArray[np.float64] = np.abs(values - np.median(values, axis=(0, 1))).max(axis=1)
    return extent


def without_spikes(values: Values, spikes: Mask) -> Values:
    """Return spectra (pixels, steps, channels) whose ``spikes`` are interpolated along the steps."""
    filled, steps = values.copy(), np.arange(values.shape[1])
    for pixel, channel in np.argwhere(spikes.any(axis=1) & ~spikes.all(axis=1)):
        lost = spikes[pixel, :, channel]
        filled[pixel, lost, channel] = np.interp(steps[lost], steps[~lost], values[pixel, ~lost, channel])
    return filled
