"""The explorer of a run on a table: parity with its samples, and the response to all inputs together, in one page."""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.figures.explorer.page import explorer_page
from remanence.studies.explored_rows import (
    MOST_SHOWN,
    PARTS,
    explored_rows,
    explored_targets,
    predicted_rows,
    shown_rows,
)
from remanence.studies.presentation import marked
from remanence.studies.table.explored_campaign import PAGE, explored_campaign
from remanence.tracking.run import Run
from remanence.training.fitted import Fitted

MOST_INPUTS = 4
"""Largest number of numeric inputs of a joint grid."""
MOST_POINTS = 4000
"""Points of the joint grid: with as many, a page takes half a second for an ensemble of a hundred networks."""
LARGEST_AXIS, SMALLEST_AXIS = 41, 5

Values = NDArray[np.float64]


def log_explorer(tracked: Run, fitted: Fitted, data: OpenedTable) -> None:
    """Log the page ``figures/explorer.html``, see ``table_explorer``."""
    campaign = explored_campaign(tracked, data)
    tracked.log_text(table_explorer(fitted, data, name=tracked.name, campaign=campaign), PAGE)


def table_explorer(
    fitted: Fitted, data: OpenedTable, *, name: str = "", campaign: Mapping[str, Any] | None = None
) -> str:
    """Return a page with measured and predicted values of each row, and predictions on a joint grid of the inputs.

    Args:
        fitted: fit of the run's own model.
        data: rows, and the folds that hold some of them out.
        name: name of the run.
        campaign: best values so far, see ``explored_campaign``.
    """
    predicted, _, part = predicted_rows(fitted, data)
    rows, left_out = shown_rows(predicted)
    facts = [*([name] if name else []), f"{len(data.x)} rows", f"{len(data.columns.inputs)} inputs"]
    facts += [f"{left_out} of them, drawn at random, are not shown"] if left_out else []
    few = len(data.columns.features) <= MOST_SHOWN
    shown = {
        "facts": facts,
        "targets": explored_targets(fitted, data, rows),
        "rows": explored_rows(data, rows, part) | {"x": data.x[rows].T.tolist() if few else []},
        "parts": PARTS,
        "coverage": f"{fitted.coverage:.0%} interval",
        "start": int(np.flatnonzero(part[rows] == part[rows].max())[0]) if len(rows) else 0,
        "response": _response(fitted, data),
        "campaign": campaign,
    }
    title = f"{type(fitted.model).__name__} on {data.source.name}"
    return explorer_page("table", title=title if "synthetic" in title else marked(title, data), data=shown)


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
    predicted, half_width = fitted.predict_with_half_width(x)
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
