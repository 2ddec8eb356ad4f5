"""One input that a search varies: a range of numbers, or a list of values."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.cells import as_number
from remanence.errors import ConfigurationError

MOST_VALUES = 51
"""Largest number of grid points along a range without a step, but for its end."""
ROUND = (1, 2, 2.5, 5, 10)
"""Steps of a range without a step, times a power of ten."""
MOST_STEPS = 10_000


@dataclass(frozen=True)
class Axis:
    """One input that a search varies."""

    name: str
    values: Sequence[Any]
    """Points of a grid, or the values of a list."""
    ends: tuple[float, float] | None = None
    """Lowest and highest value of a range without a step, from which a sample takes any value; None for all others."""

    def at(self, places: NDArray[np.float64]) -> NDArray[Any]:
        """Return the values at places from 0 to 1, shape (places,)."""
        if self.ends is not None:
            low, high = self.ends
            digit = 10.0 ** (floor(log10(high - low)) - 2)  # nobody weighs and heats more exactly
            return np.clip(np.round((low + (high - low) * places) / digit) * digit, low, high)
        own = np.minimum((places * len(self.values)).astype(int), len(self.values) - 1)
        return np.asarray(np.asarray(self.values)[own])


def number_axis(name: str, value: str, part: str) -> Axis:
    """Return a range of numbers, ``low:high`` or ``low:high:step``.

    Raises:
        ConfigurationError: if it cannot be read or holds no value.
    """
    ends = [as_number(end) for end in value.split(":")]
    if len(ends) not in (2, 3) or any(end is None or not np.isfinite(end) for end in ends):
        raise ConfigurationError(f"over: expected such as 'x=0:0.25' or 'x=0:0.25:0.05', got '{part}'")
    low, high, *steps = [float(end) for end in ends if end is not None]
    if not low < high:
        raise ConfigurationError(f"over: {name}={low:g}:{high:g} is empty; the first number must be the smaller")
    if not steps:
        return Axis(name, round_steps(low, high, MOST_VALUES, part), (low, high))
    return Axis(name, stepped(low, high, steps[0], part))


def stepped(low: float, high: float, step: float, part: str) -> list[float]:
    """Return the values from ``low`` to ``high`` in steps, without the last digits that sums of steps collect."""
    number = int((high - low) / step * (1 + 1e-9)) if step > 0 and (high - low) / step < MOST_STEPS else 0
    if number < 1:
        raise ConfigurationError(
            f"over: {part}: the step must be above 0, at most the range, and not many thousand times smaller"
        )
    return [float(f"{low + place * step:.12g}") for place in range(number + 1)]


def round_steps(low: float, high: float, most: int, part: str) -> list[float]:
    """Return values from ``low`` to ``high`` in steps such as 0.005 or 2, which can be weighed or set.

    Args:
        low: first value.
        high: last value, whether or not a step ends there.
        most: largest number of values in steps, at least 2.
        part: what the user typed, for messages.
    """
    finest = (high - low) / (most - 1) * (1 - 1e-9)
    power = 10.0 ** floor(log10(finest))
    step = next(digit * power for digit in ROUND if digit * power >= finest)
    values = stepped(low, high, min(step, high - low), part)
    return values if high - values[-1] < 1e-9 * (high - low) else [*values, high]
