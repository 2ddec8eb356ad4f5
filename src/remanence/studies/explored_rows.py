"""What an explorer shows of each row of a table: name, formula, inputs, prediction, and the nearest known rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from remanence.data.opened_table import OpenedTable
from remanence.training.fitted import Fitted, held_out, held_out_half_width

MOST_ROWS = 3000
"""Rows that a page shows; of more, a random part."""
MOST_SHOWN = 12
"""Largest number of inputs that are listed beside a row."""
NEAREST = 5
"""Nearest known rows that are listed beside a row."""
PARTS = ("train", "validation", "held out")

Values = NDArray[np.float64]
Rows = NDArray[np.intp]


def predicted_rows(fitted: Fitted, data: OpenedTable) -> tuple[Values, Values, Rows]:
    """Return the prediction of each row, its half width, both (rows, targets), and the number of its part (rows,).

    Rows that no fold holds out have the prediction of the model that was fitted to them, and no interval.
    """
    predicted, part = held_out(fitted.folds, data.y), np.full(len(data.y), PARTS.index("held out"))
    for name, number in (("train", 0), ("val", 1)):
        rows, values = fitted.folds[0].predicted.get(name, (np.empty(0, dtype=np.intp), np.empty((0, data.y.shape[1]))))
        unknown = ~np.isfinite(predicted[rows, 0])
        predicted[rows[unknown]], part[rows[unknown]] = values[unknown], number
    return predicted, held_out_half_width(fitted.folds, data.y), part


def shown_rows(predicted: Values) -> tuple[Rows, int]:
    """Return the rows that a page shows, and how many of those with a prediction it leaves out."""
    rows = np.flatnonzero(np.isfinite(predicted[:, 0]))
    left_out = max(0, len(rows) - MOST_ROWS)
    if left_out:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    return rows, left_out


def explored_targets(fitted: Fitted, data: OpenedTable, rows: Rows) -> list[dict[str, Any]]:
    """Return measured and predicted values of some rows with their half widths, for each target."""
    predicted, half_width, _ = predicted_rows(fitted, data)
    units = [data.columns.units.get(target, "") for target in data.targets]
    return [
        {
            "label": data.columns.label(target),
            "unit": f" {unit}" if unit else "",
            "measured": data.y[rows, place].tolist(),
            "predicted": predicted[rows, place].tolist(),
            "half_width": half_width[rows, place].tolist(),
        }
        for place, (target, unit) in enumerate(zip(data.targets, units, strict=True))
    ]


def explored_rows(data: OpenedTable, rows: Rows, part: Rows) -> dict[str, Any]:
    """Return what is known of some rows: name, formula, part, first inputs, and the nearest known rows.

    Args:
        data: all rows.
        rows: numbers of those that are shown.
        part: number of the part of each row of the table, see ``predicted_rows``.
    """
    names, columns, plain = data.names, data.columns, data.plain
    formulas = None if columns.composition is None else data.column(columns.composition)
    inputs = []
    for feature in columns.features[:MOST_SHOWN]:
        cells = plain[feature].iloc[rows]
        values = cells.astype(str).tolist() if feature in columns.levels else cells.astype(float).tolist()
        inputs.append({"name": feature if feature in columns.levels else columns.label(feature), "values": values})
    nearest, distance = _nearest(data.x, rows, part)
    return {
        "name": [f"row {row + 1}" for row in rows] if names is None else names.iloc[rows].astype(str).tolist(),
        "composition": None if formulas is None else formulas.iloc[rows].astype(str).tolist(),
        "part": part[rows].tolist(),
        "order": np.argsort(part[rows], kind="stable").tolist(),  # held-out points are drawn above the others
        "inputs": inputs,
        "nearest": nearest,
        "distance": distance,
    }


def _nearest(x: Values, rows: Rows, part: Rows) -> tuple[list[list[int]], list[list[float]]]:
    """Return for each of the rows the places of the nearest other ones, and how far they are.

    They are looked for among rows that the model was fitted to; where every row was held out once, among all.

    Returns:
        places among ``rows``, and root mean square distances in standard deviations of the inputs.
    """
    if not len(rows):
        return [], []
    z = (x[rows] - x.mean(axis=0)) / np.where((sd := x.std(axis=0)) > 0, sd, 1.0)
    held = part[rows] == PARTS.index("held out")
    known = np.arange(len(rows)) if held.all() else np.flatnonzero(~held)
    asked = list(range(1, min(NEAREST + 1, len(known)) + 1))
    distance, found = KDTree(z[known]).query(z, k=asked)  # (rows, asked)
    places, far = [], []
    for row, (of_row, away) in enumerate(zip(known[found].tolist(), distance / np.sqrt(z.shape[1]), strict=True)):
        others = [(place, float(each)) for place, each in zip(of_row, away, strict=True) if place != row][:NEAREST]
        places.append([place for place, _ in others])
        far.append([each for _, each in others])
    return places, far
