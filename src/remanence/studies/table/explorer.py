"""The explorer of a run on a table: parity with its samples, and the response to all inputs together, in one page."""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from remanence.data.opened_table import OpenedTable
from remanence.figures.explorer.page import explorer_page
from remanence.studies.presentation import marked
from remanence.tracking.run import Run
from remanence.training.fitted import Fitted, held_out, held_out_half_width

MOST_ROWS = 3000
"""Rows that a page shows; of more, a random part."""
MOST_INPUTS = 4
"""Largest number of numeric inputs of a joint grid."""
MOST_POINTS = 4000
"""Points of the joint grid: with as many, a page takes half a second for an ensemble of a hundred networks."""
LARGEST_AXIS, SMALLEST_AXIS = 41, 5
MOST_SHOWN = 12
"""Largest number of inputs that are listed beside a sample."""
NEAREST = 5
"""Nearest known samples that are listed beside a sample."""
PARTS = ("train", "validation", "held out")

Values = NDArray[np.float64]


def log_explorer(tracked: Run, fitted: Fitted, data: OpenedTable) -> None:
    """Log the page ``figures/explorer.html``, see ``table_explorer``."""
    tracked.log_text(table_explorer(fitted, data, name=tracked.name), "figures/explorer.html")


def table_explorer(fitted: Fitted, data: OpenedTable, *, name: str = "") -> str:
    """Return a page with measured and predicted values of each row, and predictions on a joint grid of the inputs.

    Args:
        fitted: fit of the run's own model.
        data: rows, and the folds that hold some of them out.
        name: name of the run.
    """
    predicted, half_width, part = _predicted(fitted, data)
    rows = np.flatnonzero(np.isfinite(predicted[:, 0]))
    left_out = len(rows) - MOST_ROWS
    if left_out > 0:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    units = [data.columns.units.get(target, "") for target in data.targets]
    facts = [*([name] if name else []), f"{len(data.x)} rows", f"{len(data.columns.inputs)} inputs"]
    facts += [f"{left_out} of them, drawn at random, are not shown"] if left_out > 0 else []
    shown = {
        "facts": facts,
        "targets": [
            {
                "label": data.columns.label(target),
                "unit": f" {unit}" if unit else "",
                "measured": data.y[rows, place].tolist(),
                "predicted": predicted[rows, place].tolist(),
                "half_width": half_width[rows, place].tolist(),
            }
            for place, (target, unit) in enumerate(zip(data.targets, units, strict=True))
        ],
        "rows": _rows(data, rows, part),
        "parts": PARTS,
        "coverage": f"{fitted.coverage:.0%} interval",
        "start": int(np.flatnonzero(part[rows] == part[rows].max())[0]) if len(rows) else 0,
        "response": _response(fitted, data),
    }
    title = f"{type(fitted.model).__name__} on {data.source.name}"
    return explorer_page("table", title=title if "synthetic" in title else marked(title, data), data=shown)


def _predicted(fitted: Fitted, data: OpenedTable) -> tuple[Values, Values, NDArray[np.intp]]:
    """Return the prediction of each row, its half width, and the number of the part that it is of.

    Rows that no fold holds out have the prediction of the model that was fitted to them, and no interval.
    """
    predicted, part = held_out(fitted.folds, data.y), np.full(len(data.y), PARTS.index("held out"))
    for name, number in (("train", 0), ("val", 1)):
        rows, values = fitted.folds[0].predicted.get(name, (np.empty(0, dtype=np.intp), np.empty((0, data.y.shape[1]))))
        unknown = ~np.isfinite(predicted[rows, 0])
        predicted[rows[unknown]], part[rows[unknown]] = values[unknown], number
    return predicted, held_out_half_width(fitted.folds, data.y), part


def _rows(data: OpenedTable, rows: NDArray[np.intp], part: NDArray[np.intp]) -> dict[str, Any]:
    """Return what is known of each row: name, formula, part, inputs, and the nearest other row."""
    names = data.names
    columns = data.columns
    formulas = None if columns.composition is None else data.column(columns.composition)
    plain = data.plain
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
        "x": data.x[rows].T.tolist() if len(columns.features) <= MOST_SHOWN else [],
        "nearest": nearest,
        "distance": distance,
    }


def _nearest(x: Values, rows: NDArray[np.intp], part: NDArray[np.intp]) -> tuple[list[list[int]], list[list[float]]]:
    """Return for each of the rows the places of the nearest other ones, and how far they are.

    They are looked for among rows that the model was fitted to; where every row was held out once, among all.

    Returns:
        places among ``rows``, and root mean square distances in standard deviations of the inputs.
    """
    z = (x[rows] - x.mean(axis=0)) / np.where((sd := x.std(axis=0)) > 0, sd, 1.0)
    held = part[rows] == PARTS.index("held out")
    known = np.arange(len(rows)) if held.all() else np.flatnonzero(~held)
    asked = min(NEAREST + 1, len(known))
    distance, found = (
        each.reshape(len(rows), asked) for each in KDTree(z[known]).query(z, k=list(range(1, asked + 1)))
    )
    places, far = [], []
    for row, (of_row, away) in enumerate(zip(known[found].tolist(), distance / np.sqrt(z.shape[1]), strict=True)):
        others = [(place, float(each)) for place, each in zip(of_row, away, strict=True) if place != row][:NEAREST]
        places.append([place for place, _ in others])
        far.append([each for _, each in others])
    return places, far


def _response(fitted: Fitted, data: OpenedTable) -> dict[str, Any]:
    """Return predictions on a joint grid of all inputs, or ``why`` there are none."""
    columns = data.columns
    numeric = [feature for feature in columns.features if feature not in columns.levels]
    if columns.composition is not None:
        return {"why": "no sliders: the fractions of a composition cannot be moved one by one; ask remanence design"}
    if not 0 < len(numeric) <= MOST_INPUTS:
        return {"why": f"no sliders: {len(numeric)} numeric inputs are too many for a joint grid; ask remanence design"}
    combinations = math.prod(len(levels) for levels in columns.levels.values())
    points = min(LARGEST_AXIS, int((MOST_POINTS / combinations) ** (1 / len(numeric)) + 1e-9))
    if points < SMALLEST_AXIS:
        return {"why": f"no sliders: {combinations} combinations of categories are too many; ask remanence design"}
    places = [columns.inputs.index(feature) for feature in numeric]
    grids = [np.linspace(data.x[:, place].min(), data.x[:, place].max(), points) for place in places]
    x = _joint(data, numeric, grids)
    predicted = fitted.model.predict(x)
    half_width = fitted.half_width(x, predicted)
    axes: list[dict[str, Any]] = [
        {"name": feature, "label": feature, "categories": True, "values": levels}
        for feature, levels in columns.levels.items()
    ]
    axes += [
        {"name": feature, "label": columns.label(feature), "index": place, "values": grid.tolist()}
        for feature, place, grid in zip(numeric, places, grids, strict=True)
    ]
    about = f"the model's own predictions at {len(x)} points of a joint grid, nothing between them"
    return {"axes": axes, "values": predicted.T.ravel(), "half_width": half_width.T.ravel(), "about": about}


def _joint(data: OpenedTable, numeric: Sequence[str], grids: Sequence[Values]) -> Values:
    """Return the inputs at all points of the joint grid, categories first, the last number fastest."""
    columns = data.columns
    coded = [np.eye(len(levels)) for levels in columns.levels.values()]
    joint = np.stack([each.ravel() for each in np.meshgrid(*grids, indexing="ij")], axis=1)
    blocks = []
    for chosen in product(*coded):
        block = np.zeros((len(joint), len(columns.inputs)))
        block[:, [columns.inputs.index(feature) for feature in numeric]] = joint
        for feature, one_hot in zip(columns.levels, chosen, strict=True):
            block[:, [columns.inputs.index(name) for name in columns.encoded(feature)]] = one_hot
        blocks.append(block)
    return np.concatenate(blocks)
