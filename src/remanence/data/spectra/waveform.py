"""What a waveform of the bias consists of, told from its values: one loop, cycles, or FORC loops of growing height."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FEWEST = 4
"""Least number of steps of a loop."""
CLOSE = 0.02
"""Share of the largest bias by which steps may differ that count as equal: instruments write what they measured."""

OTHERWISE = 0.1
"""Share of the steps in which the bias of a loop may rise where that of another one falls."""


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
        ways = _direction(np.where(np.abs(ways) > CLOSE * heights / 10, ways, 0))
        up_and_down = (ways > 0).any(axis=1) & (ways < 0).any(axis=1)
        if not up_and_down.all() or (ways != ways[-1]).mean(axis=1).max() > OTHERWISE:
            continue
        number_at = np.repeat(np.arange(len(loops)), length)
        return Repeats(len(loops), number_at, bool(np.abs(loops - loops[0]).max() <= CLOSE * height))
    return Repeats.none(steps)


def _direction(ways: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sign of each change (loops, steps); where a bias is held, that of the change before, or else after."""
    changing = ways != 0
    steps = np.arange(ways.shape[1])
    before = np.maximum.accumulate(np.where(changing, steps, -1), axis=1)
    last = np.where(before < 0, np.argmax(changing, axis=1)[:, None], before)
    direction: NDArray[np.float64] = np.sign(np.take_along_axis(ways, last, axis=1))
    return direction
