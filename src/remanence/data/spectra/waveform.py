"""What a waveform of the bias consists of, told from its values: one loop, cycles, or FORC loops of growing height."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FEWEST = 4
"""Least number of steps of a loop."""
CLOSE = 0.02
"""Share of the largest bias by which steps may differ that count as equal: instruments write what they measured."""


@dataclass(frozen=True, eq=False)
class Repeats:
    """The loops that follow each other in a waveform."""

    number: int
    number_at: NDArray[np.int64]
    """Number of the loop that each step belongs to, shape (steps,)."""
    alike: bool
    """Whether all loops are equal, as cycles are; those of FORC differ in their height."""

    @classmethod
    def none(cls, steps: int = 0) -> Self:
        """Return a waveform of one loop."""
        return cls(1, np.zeros(steps, dtype=np.int64), True)


def repeats_of(bias: NDArray[np.float64]) -> Repeats:
    """Return the equally long loops that a waveform (steps,) consists of, each with the same ups and downs.

    >>> loop = np.array([0.0, 1, 2, 1, 0, -1, -2, -1])
    >>> found = [repeats_of(np.concatenate(parts)) for parts in ([loop], [loop, loop], [loop, 2 * loop, 3 * loop])]
    >>> [(each.number, each.alike) for each in found]
    [(1, True), (2, True), (3, False)]
    """
    steps = bias.size
    height = float(np.abs(bias).max()) if steps else 0.0
    for length in range(FEWEST, steps // 2 + 1):
        if steps % length or not height:
            continue
        loops = bias.reshape(-1, length)
        ways = np.diff(loops, axis=1)
        heights = np.abs(loops).max(axis=1, keepdims=True)
        turns = np.sign(np.where(np.abs(ways) > CLOSE * heights / 10, ways, 0))
        if not ((turns > 0).any(axis=1) & (turns < 0).any(axis=1)).all() or (turns * turns[-1] < 0).any():
            continue
        number_at = np.repeat(np.arange(len(loops)), length)
        return Repeats(len(loops), number_at, bool(np.abs(loops - loops[0]).max() <= CLOSE * height))
    return Repeats.none(steps)
