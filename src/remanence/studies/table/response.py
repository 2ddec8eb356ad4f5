"""The prediction along single features of a table, where the others are what they are in the rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.figures.response import ResponsePanel
from remanence.science.conditional_draws import averaged, conditional_draws, widened
from remanence.training.fitted import Fitted

MOST_FEATURES = 4
"""Largest number of numeric features for which the prediction is drawn against each feature."""
POINTS = 100
DRAWS = 64
"""Largest number of rows that are averaged over at each point."""

Values = NDArray[np.float64]


def response_panels(fitted: Fitted, data: OpenedTable) -> list[list[ResponsePanel]]:
    """Predict along each numeric feature; at a measured value, the mean prediction is that of its rows.

    Args:
        fitted: fit of the run's own model.
        data: all rows.

    Returns:
        for each target one panel per numeric feature; none if there are more than ``MOST_FEATURES``.
    """
    columns = data.columns
    numeric = [name for name in columns.features if name not in columns.levels]
    if len(numeric) > MOST_FEATURES:
        return [[] for _ in columns.targets]
    whole = [place for place, name in enumerate(columns.inputs) if name not in numeric]
    every = np.arange(len(data.x))
    panels = []
    for feature in numeric:
        index = columns.inputs.index(feature)
        grid = np.linspace(data.x[:, index].min(), data.x[:, index].max(), POINTS)
        curve = grid, *_along(fitted, data.x, index, grid, whole)
        panels.append(panels_of(columns.label(feature), curve, data, every, data.x[:, index]))
    return of_targets(panels, data)


def panels_of(
    label: str, curve: tuple[Values, Values, Values], data: OpenedTable, rows: NDArray[np.intp], measured_x: Values
) -> list[ResponsePanel]:
    """Return the panel of each target that shows what a model predicts along one quantity, beside measured rows.

    Args:
        label: label of the quantity.
        curve: its values, shape (values,), and predictions and half widths there, both of shape (values, targets).
        data: all rows.
        rows: indices of those that are drawn.
        measured_x: the quantity in these rows.
    """
    grid, predicted, width = curve
    known, groups = [bool(each.any()) for each in np.isfinite(width).T], groups_of(data)
    return [
        ResponsePanel(
            feature_label=label,
            grid=grid,
            predicted=predicted[:, column],
            low=predicted[:, column] - width[:, column] if known[column] else None,
            high=predicted[:, column] + width[:, column] if known[column] else None,
            measured_x=measured_x,
            measured_y=data.y[rows, column],
            groups=None if groups is None else groups[rows],
        )
        for column in range(predicted.shape[1])
    ]


def of_targets(panels: Sequence[Sequence[ResponsePanel]], data: OpenedTable) -> list[list[ResponsePanel]]:
    """Return the panels of each target, given those of each quantity for all targets."""
    return [[each[column] for each in panels] for column in range(len(data.columns.targets))]


def groups_of(data: OpenedTable) -> NDArray[Any] | None:
    """Return the series of each row, or else its first category, shape (rows,); None if there is neither."""
    names = ("series", *data.columns.levels)
    return next((cells.to_numpy() for name in names if (cells := data.column(name)) is not None), None)


def _along(fitted: Fitted, x: Values, index: int, grid: Values, whole: list[int]) -> tuple[Values, Values]:
    """Return mean prediction and half width of its interval, over what the other inputs are at each value of one.

    Args:
        fitted: fit of the run's own model.
        x: inputs of all rows, shape (rows, inputs).
        index: place of the one input.
        grid: its values, shape (values,).
        whole: places of the inputs that have no values between those of the rows.

    Returns:
        predictions and half widths, both of shape (values, targets).
    """
    others = np.delete(np.arange(x.shape[1]), index)
    kept = [place for place, other in enumerate(others) if other in whole]
    drawn = conditional_draws(x[:, [index]], x[:, others], grid[:, None], draws=DRAWS, whole=kept)
    rows = np.empty((*drawn.weights.shape, x.shape[1]))  # (values, draws, inputs)
    rows[:, :, others], rows[:, :, index] = drawn.values, grid[:, None]
    return over_draws(fitted, rows, drawn.weights)


def over_draws(fitted: Fitted, inputs: Values, weights: Values) -> tuple[Values, Values]:
    """Return mean prediction and half width of its interval over draws of inputs, both of shape (values, targets).

    Args:
        fitted: fit of the run's own model.
        inputs: draws for each value, shape (values, draws, inputs).
        weights: weight of each draw, shape (values, draws).
    """
    rows = inputs.reshape(-1, inputs.shape[-1])
    every, half_width = fitted.predict_with_half_width(rows)
    predicted, spread = averaged(every, weights)
    return predicted, widened(averaged(half_width, weights)[0], spread, fitted.coverage)
