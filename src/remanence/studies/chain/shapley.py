"""Shapley values: how much each input of a row moves the prediction away from the mean prediction."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.science.coalitions import coalitions, shapley_of_coalitions

Values = NDArray[np.float64]
Function = Callable[[Values], Values]
"""Function that maps inputs (rows, features) to one property (rows,)."""

MOST_EXACT = 10
"""Largest number of players for which all 2**players coalitions are evaluated; with more, orders are sampled."""
CHUNK = 2**16
"""Number of rows that the function is called with at a time."""
MOST_VALUES = 2**24
"""Largest number of values of mixed rows that are held at a time; equal rows among them are predicted once."""


def shapley_values(
    function: Function,
    x: Values,
    background: Values,
    *,
    groups: Mapping[str, Sequence[int]] | None = None,
    samples: int = 200,
    seed: int = 0,
) -> Values:
    """Return the contribution of every feature, or group of features, to the prediction of every row.

    A feature outside a coalition takes the values of the background rows, independently of the features inside it
    (interventional values). With up to 10 features or groups, every coalition is evaluated against every background
    row. With more, random orders of adding features are drawn, and each order is evaluated against one background row;
    all background rows are used equally often. The sum of these sampled values differs from the exact sum, and the
    difference is spread evenly over the features.

    Args:
        function: prediction of the fitted model, in the unit of the property.
        x: rows to explain, shape (rows, features).
        background: rows that stand for "not known", such as the training rows, shape (rows, features).
        groups: columns of each group, by its name; each column in exactly one group. None makes each column a group.
        samples: number of random orders, used if there are more than 10 features or groups.
        seed: seed of the random orders.

    Returns:
        the Shapley values, shape (rows, features or groups), in the unit of the property. The values of a row sum to
        its prediction minus the mean prediction of the background.

    Raises:
        ValueError: if the shapes do not match, there is no background row, or a column is not in exactly one group.

    Source: Lundberg, Lee, A Unified Approach to Interpreting Model Predictions, 2017; sampled orders after Štrumbelj,
    Kononenko, 2010.
    """
    _check(x, background)
    owner = group_of_column(groups, x.shape[1])
    if owner.max() < MOST_EXACT:
        return shapley_of_coalitions(coalition_predictions(function, x, background, owner)).T
    values = _drawn(function, x, background, owner, samples=samples, seed=seed)
    missing = function(x) - function(background).mean() - values.sum(axis=1)
    filled: Values = values + missing[:, None] / values.shape[1]
    return filled


def coalition_predictions(function: Function, x: Values, background: Values, owner: NDArray[np.int64]) -> Values:
    """Return, for every coalition, the prediction of each row when only the columns of the coalition are known.

    Args:
        function: function that maps inputs (rows, features) to predictions (rows,).
        x: rows to predict, shape (rows, features).
        background: rows that the unknown columns are averaged over, shape (rows, features).
        owner: number of the group of every column, 0 to groups - 1, shape (features,).

    Returns:
        the predictions, shape (2**groups, rows), in the order of ``science.coalitions.coalitions``.
    """
    step = max(1, CHUNK // len(background))  # rows of x that are combined with all background rows at a time
    predictions = np.empty((2 ** (int(owner.max()) + 1), len(x)))
    for coalition, members in enumerate(coalitions(int(owner.max()) + 1)):
        known = members[owner]  # (features,)
        for start in range(0, len(x), step):
            mixed = np.where(known, x[start : start + step, None, :], background)  # (step, background, features)
            predictions[coalition, start : start + step] = _predicted(function, mixed).mean(axis=1)
    return predictions


def group_of_column(groups: Mapping[str, Sequence[int]] | None, columns: int) -> NDArray[np.int64]:
    """Return the number of the group that every column belongs to, shape (columns,).

    Raises:
        ValueError: unless each column is in exactly one group.
    """
    if groups is None:
        return np.arange(columns)
    named = [column for group in groups.values() for column in group]
    if sorted(named) != list(range(columns)):
        raise ValueError(f"Expected `groups` to hold each of {columns} columns once, but got {dict(groups)}.")
    if not all(len(group) for group in groups.values()):
        raise ValueError(f"Expected `groups` without empty ones, but got {dict(groups)}.")
    owner = np.empty(columns, dtype=np.int64)
    for number, group in enumerate(groups.values()):
        owner[list(group)] = number
    return owner


def _drawn(
    function: Function, x: Values, background: Values, owner: NDArray[np.int64], *, samples: int, seed: int
) -> Values:
    """Return the mean contribution of each group over random orders, shape (rows, groups)."""
    # captum draws the same orders, but predicts every mixed row, however often it has been before
    players = int(owner.max()) + 1
    unknown = background[np.random.default_rng(seed).permutation(len(background))]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        orders = np.stack([torch.randperm(players).numpy() for _ in range(samples)])
    places = orders.argsort(axis=1)[:, owner]  # place of each column's group in each order, (samples, features)
    total = np.zeros((len(x), players))
    at_once = max(1, MOST_VALUES // ((players + 1) * x.size))
    for begin in range(0, samples, at_once):
        drawn = range(begin, min(begin + at_once, samples))
        known = places[drawn, None, :] < np.arange(players + 1)[:, None]  # (drawn, steps, features)
        others = unknown[[sample % len(unknown) for sample in drawn], None, None, :]
        predicted = _predicted(function, np.where(known[:, :, None, :], x, others))  # (drawn, steps, rows)
        for order, contributions in zip(orders[drawn], np.diff(predicted, axis=1), strict=True):
            total[:, order] += contributions.T
    return total / samples


def _predicted(function: Function, mixed: Values) -> Values:
    """Return the prediction of mixed rows (..., features), shape (...); rows that are equal are predicted once.

    Columns of a table have few values, or are constant, so that about half of the rows are.
    """
    rows = mixed.reshape(-1, mixed.shape[-1]) + 0.0  # minus zero is zero
    whole = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]  # which is sorted faster than columns
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    chunks = [function(rows[first[begin : begin + CHUNK]]) for begin in range(0, len(first), CHUNK)]
    return np.concatenate(chunks)[place].reshape(mixed.shape[:-1])


def _check(x: Values, background: Values) -> None:
    if x.ndim != 2 or background.ndim != 2 or x.shape[1] != background.shape[1] or not background.size:
        raise ValueError(
            f"Expected `x` and `background` of shape (rows, features), but got {x.shape} and {background.shape}."
        )
