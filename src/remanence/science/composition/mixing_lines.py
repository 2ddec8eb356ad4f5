"""Lines along which materials of a table are mixed: series of a solid solution, and amounts of one dopant."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.science.composition.composition import Composition
from remanence.science.composition.elements import ELEMENTS

LEAST = 4
"""Smallest number of different compositions that are a series: three are often on one line by chance."""
MOST_COMPARED = 200
"""Largest number of different compositions among which lines are looked for; of more, as many are drawn at random."""
STEPS = 20
"""Parts of a line in which compositions count once: a bunch of them and a far one are no series."""
STRAIGHT = 0.01
"""Largest angle, in radians, between two compositions of a line, seen from a third: formulas have few decimals."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class MixingLine:
    """Compositions that are mixtures of the two outermost ones."""

    first: Composition
    last: Composition
    element: str
    """Element whose amount changes most, and rises from ``first`` to ``last``."""
    rows: NDArray[np.intp]
    """Places of the compositions on the line, shape (rows,)."""
    shares: Values
    """Share of ``last`` in each of them, between 0 and 1, shape (rows,)."""


def mixing_lines(compositions: Sequence[Composition], *, most: int) -> list[MixingLine]:
    """Return the lines with the most different compositions, at least ``LEAST``, most of which no line before it has.

    Args:
        compositions: those of the rows of a table; equal ones count once.
        most: largest number of lines.

    >>> from remanence.science.composition.parse import parse_formula
    >>> rows = [parse_formula(f"BNT-{x}BT") for x in (2, 4, 6, 20)]
    >>> line, = mixing_lines(rows, most=3)
    >>> line.element, line.first.text, line.last.text, line.shares.round(3).tolist()
    ('Ba', 'BNT-2BT', 'BNT-20BT', [0.0, 0.111, 0.222, 1.0])
    """
    elements = sorted({symbol for each in compositions for symbol in each.amounts})
    amounts = np.array([[each.amounts.get(symbol, 0.0) for symbol in elements] for each in compositions])
    if len(amounts) < LEAST:
        return []
    _, distinct, of_row = np.unique(amounts.round(6), axis=0, return_index=True, return_inverse=True)
    compared = np.arange(len(distinct))
    if len(compared) > MOST_COMPARED:
        compared = np.random.default_rng(0).choice(compared, MOST_COMPARED, replace=False)
    points = amounts[distinct]  # (distinct, elements)
    found: list[MixingLine] = []
    taken = np.zeros(len(distinct), dtype=bool)
    while len(found) < most:
        line = _longest(points, compared, taken)
        if line is None:
            break
        taken |= line
        places = np.flatnonzero(line[of_row.ravel()])
        found.append(_described(compositions, amounts, elements, places))
    return found


def _longest(points: Values, compared: NDArray[np.intp], taken: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return which points, shape (distinct,), are on the line that has most of them, enough of which are not taken."""
    best, most = None, LEAST - 1
    for anchor in compared:
        away = points - points[anchor]
        length = np.linalg.norm(away, axis=1)
        unit = away / np.where(length > 0, length, 1.0)[:, None]
        cosine = unit @ unit[compared].T
        along = np.abs(cosine) > np.cos(STRAIGHT)  # (distinct, compared): one direction in each column
        along[anchor] = True
        new = (along & ~taken[:, None]).sum(axis=0)
        enough = np.flatnonzero((along.sum(axis=0) > most) & (2 * new > along.sum(axis=0)))
        if not enough.size:
            continue
        along, position = along[:, enough], (cosine * length[:, None])[:, enough]
        position = np.where(along, position, 0.0)  # where the anchor is
        step = np.round(STEPS * (position - position.min(axis=0)) / np.ptp(position, axis=0))
        filled = np.sum([((step == each) & along).any(axis=0) for each in range(STEPS + 1)], axis=0)
        if filled.max() > most:
            best, most = along[:, int(filled.argmax())], int(filled.max())
    return best


def _described(
    compositions: Sequence[Composition], amounts: Values, elements: list[str], places: NDArray[np.intp]
) -> MixingLine:
    own = amounts[places]
    widest = int(np.ptp(own, axis=0).argmax())
    ends = own[[own[:, widest].argmin(), own[:, widest].argmax()]]
    change = np.abs(ends[1] - ends[0]).round(6)
    anions = np.array([ELEMENTS[symbol].is_anion for symbol in elements])
    counted = change if anions[change > 0].all() else np.where(anions, 0.0, change)
    # of two that replace each other, the one of which there is less is the dopant
    element = min(np.flatnonzero(counted == counted.max()), key=lambda each: float(own[:, each].mean()))
    first, last = places[own[:, element].argmin()], places[own[:, element].argmax()]
    direction = amounts[last] - amounts[first]
    shares = (own - amounts[first]) @ direction / (direction @ direction)
    return MixingLine(compositions[first], compositions[last], elements[element], places, np.clip(shares, 0.0, 1.0))
