"""Spectra as thin lines, in units that can be read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from remanence.figures.style import common_limits, few_ticks, name_of, unit_of, wrapped

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Channel:
    """How one channel is drawn."""

    label: str
    """Name and unit, with the power of ten that was taken out."""
    factor: float
    """What the values are multiplied by."""
    limits: tuple[float, float]
    """Of the axis, in the unit of the label."""


def channels_of(labels: Sequence[str], *spectra: NDArray[np.float64]) -> list[Channel]:
    """Return label, factor and common limits of each channel, the last axis of all ``spectra``.

    Values of 0.0002 or 30 000 get a power of ten in the label, so that the ticks are short.
    """
    return [_channel(label, [values[..., c] for values in spectra]) for c, label in enumerate(labels)]


def in_lines(label: str, *, inches: float, size: float = 7) -> str:
    """Break a label to the length of an axis; its unit stands on a line of its own."""
    name, unit = name_of(label), unit_of(label)
    return wrapped(name, inches=inches, size=size) + (f"\n({unit})" if unit else "")


def _channel(label: str, values: list[NDArray[np.float64]]) -> Channel:
    largest = max((float(np.abs(part[np.isfinite(part)]).max(initial=0.0)) for part in values), default=0.0)
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    if -2 <= power <= 3:
        power = 0
    factor = 10.0**-power
    if power:
        unit = f"10{str(power).translate(SUPERSCRIPTS)} {unit_of(label)}".rstrip()
        label = f"{name_of(label)} ({unit})"
    low, high = common_limits(*values)
    return Channel(label, factor, (low * factor, high * factor))


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
        ax: gets the limits of the channel and of ``axis``.
        axis: shape (steps,), such as the bias, which may run forth and back.
        spectra: shape (lines, steps).
        channel: of the spectra.
        colours: of each line, or of all.
        linewidth: in points.
        alpha: of all lines.
    """
    points = np.stack(np.broadcast_arrays(axis, spectra * channel.factor), axis=-1)  # (lines, steps, 2)
    lines = LineCollection(list(points), colors=colours, linewidths=linewidth, alpha=alpha)
    ax.add_collection(lines, autolim=False)
    ax.set(xlim=common_limits(axis), ylim=channel.limits)
    ax.xaxis.set_major_locator(few_ticks(4))
    ax.yaxis.set_major_locator(few_ticks())
    ax.tick_params(labelsize=7)
    return lines
