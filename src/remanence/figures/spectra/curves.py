"""Spectra as thin lines, with a power of ten taken out of very small or large values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from remanence.figures.style import common_limits, few_ticks, name_of, unit_of, wrapped
from remanence.figures.symbols import symbol

FAR = 4.0
"""Range of all values in ranges of the middle 98 % above which outliers would make spectra flat, and are cut."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Channel:
    """How one channel is drawn: label, factor and limits of its axis."""

    label: str
    """Name and unit, including the power of ten that was taken out of the values."""
    factor: float
    """Factor that the values are multiplied by before they are drawn."""
    limits: tuple[float, float]
    """Limits of the axis, in the unit of the label."""


def channels_of(labels: Sequence[str], *spectra: NDArray[np.float64]) -> list[Channel]:
    """Return label, factor and common limits of each channel, which is the last axis of all ``spectra``.

    Very small or large values, such as 0.0002 or 30 000, get a power of ten in the label, so that ticks are short.
    """
    return [_channel(label, [values[..., c] for values in spectra]) for c, label in enumerate(labels)]


def in_lines(label: str, *, inches: float) -> str:
    """Break a label into lines that fit the length of an axis; the unit gets its own line."""
    name, unit = name_of(label), unit_of(label)
    return wrapped(name, inches=inches, size="small") + (f"\n({unit})" if unit else "")


def _channel(label: str, values: list[NDArray[np.float64]]) -> Channel:
    label = symbol(label)
    low, high = _limits(values)
    largest = max(abs(low), abs(high))
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    if -2 <= power <= 3:
        power = 0
    factor = 10.0**-power
    if power:
        unit = f"10{str(power).translate(SUPERSCRIPTS)} {unit_of(label)}".rstrip()
        label = f"{name_of(label)} ({unit})"
    low, high = common_limits(np.array([low, high]))
    return Channel(label, factor, (low * factor, high * factor))


def _limits(values: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Return smallest and largest finite value, or the ends of the middle 98 % where a few others are far beyond."""
    everything = np.concatenate([part.ravel() for part in values]) if values else np.empty(0)
    everything = everything[np.isfinite(everything)]
    if not everything.size:
        return 0.0, 0.0
    ends = float(everything.min()), float(everything.max())
    low, high = (float(end) for end in np.percentile(everything, [1, 99]))
    most = FAR * (high - low)
    if low < high and ends[1] - ends[0] > most:
        margin = (high - low) / 4
        return max(ends[0], low - margin), min(ends[1], high + margin)
    return ends


def draw_spectra(
    ax: Axes,
    axis: NDArray[np.float64],
    spectra: NDArray[np.float64],
    channel: Channel,
    *,
    colours: Sequence[ColorType] | NDArray[np.float64] | ColorType,
    linewidth: float = 0.8,
    alpha: float | None = None,
) -> LineCollection:
    """Draw spectra of one channel.

    Args:
        ax: axes to draw into; their limits are set to those of ``channel`` and ``axis``.
        axis: value of each step, shape (steps,), such as the bias, which may run forth and back.
        spectra: values of each line, shape (lines, steps).
        channel: how the channel of the spectra is drawn.
        colours: colour of each line, or one colour for all lines.
        linewidth: width of the lines in points.
        alpha: opacity of the lines; None for opaque lines.
    """
    points = np.stack(np.broadcast_arrays(axis, spectra * channel.factor), axis=-1)  # (lines, steps, 2)
    lines = LineCollection(list(points), colors=colours, linewidths=linewidth, alpha=alpha)
    ax.add_collection(lines, autolim=False)
    ax.set(xlim=common_limits(axis), ylim=channel.limits)
    ax.xaxis.set_major_locator(few_ticks(4))
    ax.yaxis.set_major_locator(few_ticks())
    return lines
