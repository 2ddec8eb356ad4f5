"""The prediction along the mixing lines of a table: between two of its materials, all elements change together."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.figures.response import ResponsePanel
from remanence.science.composition.descriptors import encode_compositions
from remanence.science.composition.mixing_lines import MixingLine, mixing_lines
from remanence.science.composition.mixture import mix
from remanence.science.composition.parse import parse_formula
from remanence.science.conditional_draws import conditional_draws
from remanence.studies.table.response import DRAWS, of_targets, over_draws, panels_of
from remanence.training.fitted import Fitted

MOST_LINES = 3
"""Largest number of lines that are drawn."""
POINTS = 60

Values = NDArray[np.float64]


def lines_of(data: OpenedTable) -> list[MixingLine]:
    """Return the lines on which compositions of a table lie; none without a column of formulas."""
    name = data.columns.composition
    cells = None if name is None else data.column(name)
    if cells is None:
        return []
    return mixing_lines([parse_formula(str(cell), data.columns.abbreviations) for cell in cells], most=MOST_LINES)


def mixing_panels(fitted: Fitted, data: OpenedTable, lines: Sequence[MixingLine]) -> list[list[ResponsePanel]]:
    """Predict along mixing lines of a table; other inputs are those of the rows on them.

    Args:
        fitted: fit of the run's own model.
        data: all rows.
        lines: what ``lines_of`` returns.

    Returns:
        for each target one panel per line, over the amount of the element that changes most.
    """
    return of_targets([_panels(fitted, data, line) for line in lines], data)


def _panels(fitted: Fitted, data: OpenedTable, line: MixingLine) -> list[ResponsePanel]:
    shares = np.linspace(0.0, 1.0, POINTS)
    first, last = (end.amounts.get(line.element, 0.0) for end in (line.first, line.last))
    label = f"{line.element} per formula unit: {_spaced(line.first.text)} to {_spaced(line.last.text)}"
    curve = first + shares * (last - first), *_along(fitted, data, line, shares)
    return panels_of(label, curve, data, line.rows, first + line.shares * (last - first))


def _spaced(formula: str) -> str:
    """Return a formula with blanks around the dashes between its parts, where a long one may be broken into lines."""
    return re.sub(r"\s*[–−]\s*", " – ", formula)


def _along(fitted: Fitted, data: OpenedTable, line: MixingLine, grid: Values) -> tuple[Values, Values]:
    """Return mean prediction and half width of its interval at shares of the last material, both (shares, targets)."""
    columns = data.columns
    mixed = [
        mix([line.first.text, line.last.text], [1 - share, share], columns.abbreviations) for share in grid.tolist()
    ]
    encoded = encode_compositions(mixed, columns.elements, columns.descriptors)
    others = len(columns.inputs) - encoded.shape[1]  # the inputs of a composition are the last ones
    whole = columns.category_places
    measured = data.x[line.rows, :others] if others else np.zeros((len(line.rows), 1))
    drawn = conditional_draws(line.shares[:, None], measured, grid[:, None], draws=DRAWS, whole=whole)
    repeated = np.repeat(encoded[:, None], drawn.weights.shape[1], axis=1)  # (shares, draws, inputs of a composition)
    return over_draws(fitted, np.concatenate([drawn.values[:, :, :others], repeated], axis=2), drawn.weights)
