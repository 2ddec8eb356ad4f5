"""Importance of the inputs of a fitted model, by permutation and by integrated gradients."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import nn

from remanence.data.opened_table import OpenedTable
from remanence.foundation.threads import one_thread
from remanence.models.ensemble import CHUNK
from remanence.training.fitted import Fitted, FoldResult

Values = NDArray[np.float64]
TOGETHER = 20_000
"""Largest number of shuffled rows that are predicted at once."""


def permutation_importance(fitted: Fitted, data: OpenedTable, *, repeats: int = 10, seed: int = 0) -> pd.DataFrame:
    """Return how much the error on held-out rows grows when one input is shuffled among these rows.

    Args:
        fitted: fit with the model of every fold, which predicts the test rows of its own fold.
        data: rows, and the folds that hold some of them out.
        repeats: number of shuffles per fold and input.
        seed: seed of the shuffling.

    Returns:
        one row per input and target: mean and standard deviation of the increase of the MAE, in the target's unit.
        The table is empty if no fold has at least two test rows.
    """
    rng = np.random.default_rng(seed)
    folds = [fold for fold in fitted.folds if len(fold.predicted["test"][0]) >= 2]
    if not folds:
        return pd.DataFrame()
    most = repeats * max(len(fold.predicted["test"][0]) for fold in folds)
    table = []
    inputs = list(enumerate(data.columns.inputs))
    together = max(1, TOGETHER // most)
    for some in (inputs[first : first + together] for first in range(0, len(inputs), together)):
        drawn = [[rng.permuted(_tiled(data, fold, column, repeats), axis=1) for fold in folds] for column, _ in some]
        # one call for several inputs: a model of many trees or members takes longer to ask than to answer
        growth = [
            _growth(data, fold, [column for column, _ in some], draws)
            for fold, *draws in zip(folds, *drawn, strict=True)
        ]
        for number, (_, name) in enumerate(some):
            table += _rows(name, data.targets, np.concatenate([each[number] for each in growth]))
    return pd.DataFrame(table)


def _tiled(data: OpenedTable, fold: FoldResult, column: int, repeats: int) -> Values:
    """Return one input of the fold's test rows, once for each repetition, shape (repeats, rows)."""
    return np.tile(data.x[fold.predicted["test"][0], column], (repeats, 1))


def _growth(data: OpenedTable, fold: FoldResult, columns: Sequence[int], shuffled: Sequence[Values]) -> Values:
    """Return by how much the MAE grows with each of some inputs shuffled, shape (inputs, repeats, targets)."""
    rows, values = fold.predicted["test"]
    x = np.tile(data.x[rows], (len(columns), len(shuffled[0]), 1, 1))  # (shuffled inputs, repeats, rows, inputs)
    for number, (column, draws) in enumerate(zip(columns, shuffled, strict=True)):
        x[number, :, :, column] = draws
    predicted = fold.model.predict(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:3], -1)
    error = np.abs(values - data.y[rows]).mean(axis=0)
    growth: Values = np.abs(predicted - data.y[rows]).mean(axis=2) - error
    return growth


def integrated_gradients(network: nn.Module, data: OpenedTable, *, steps: int = 32) -> pd.DataFrame:
    """Return the mean absolute integrated gradient of each input; the baseline of the integral is the table's mean row.

    Args:
        network: network that maps inputs (rows, n_features) to targets (rows, n_targets) in physical units.
        data: rows, and the folds that hold some of them out.
        steps: number of nodes of the integral.

    Returns:
        one row per input and target, in the target's unit.

    Source: Sundararajan, Taly, Yan, Axiomatic Attribution for Deep Networks, 2017; Gauss–Legendre quadrature.
    """
    network.eval()
    x = torch.as_tensor(data.x, dtype=torch.float32)
    away = x - x.mean(dim=0)  # (rows, n_features)
    # captum gives the same numbers, but takes a second to import and runs the network once for each target
    nodes, weights = ((0.5 * values).tolist() for values in np.polynomial.legendre.leggauss(steps))
    gradient = torch.zeros(len(data.targets), *x.shape)
    with one_thread():
        for node, weight in zip(nodes, weights, strict=True):
            for rows in torch.split(torch.arange(len(x)), CHUNK):
                point = (x[rows] - (0.5 - node) * away[rows]).requires_grad_()
                for target, predicted in enumerate(network(point).sum(dim=0)):
                    (slope,) = torch.autograd.grad(predicted, point, retain_graph=target + 1 < len(gradient))
                    gradient[target, rows] += weight * slope
    attributions = (gradient * away).abs().numpy()  # (targets, rows, n_features)
    table: list[dict[str, Any]] = []
    for column, name in enumerate(data.columns.inputs):
        table += _rows(name, data.targets, attributions[:, :, column].T)
    return pd.DataFrame(table)


def _rows(name: str, targets: Sequence[str], values: Values) -> list[dict[str, Any]]:
    """Return mean and standard deviation of values (draws, targets), one row per target."""
    return [
        {"input": name, "target": target, "mean": values[:, column].mean(), "sd": values[:, column].std()}
        for column, target in enumerate(targets)
    ]
