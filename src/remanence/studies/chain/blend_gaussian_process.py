"""Blending of networks with a Gaussian process, weighted by their errors on rows that they were not fitted to."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Rows, fitted_rows
from remanence.models.blended import Blended
from remanence.models.gaussian_head import GaussianHead
from remanence.science.conformal import conformal_half_width
from remanence.training.fitted import Fitted, FoldResult
from remanence.training.stacked.stacked_trainer import half_width_over_folds

Values = NDArray[np.float64]

WEIGHTS = np.linspace(0, 1, 21)


def blend_gaussian_process(fitted: Fitted, data: FoldedRows, *, coverage: float) -> Fitted:
    """Return ``fitted`` with a Gaussian process beside the networks of each fold, on the same inputs.

    Each fold blends the two predictions. The share of the process is the one with the smallest mean absolute error on
    the rows outside the fold's test. For this, each row is predicted by the networks that did not train on it, and by
    the process with that row left out; families and equal inputs that are held out as a whole are left out as a whole.
    The model that is kept takes the mean share over folds.

    Args:
        fitted: fit of stacked members; its ``val`` predictions are those of networks that did not train on the row.
        data: rows, and the folds that hold some of them out.
        coverage: nominal coverage of the prediction intervals.
    """
    folds, shares = [], []
    for fold in fitted.folds:
        processes, weights, unseen = _fit_processes(data, fold)
        residuals = data.y[fold.predicted["val"][0]] - unseen
        half_width = np.array([conformal_half_width(column, coverage) for column in residuals.T])
        model = Blended.of(fold.model, processes, weights, half_width)  # type: ignore[arg-type]
        rows = {part: rows for part, (rows, _) in fold.predicted.items()}
        predicted = {
            "train": (rows["train"], _mix(fold.predicted["train"][1], processes, weights, data.x[rows["train"]])),
            "val": (rows["val"], unseen),
            "test": (rows["test"], _mix(fold.predicted["test"][1], processes, weights, data.x[rows["test"]])),
        }
        folds.append(FoldResult(model, predicted, np.tile(half_width, (len(rows["test"]), 1))))
        shares.append(weights)
    if len(folds) == 1:
        return replace(fitted, model=folds[0].model, folds=folds)
    half_width = half_width_over_folds(folds, data, coverage)
    every = fitted_rows(data.folds)
    whole = [_process(data, every, column) for column in range(len(data.targets))]
    kept = Blended.of(fitted.model, whole, np.mean(shares, axis=0), half_width)  # type: ignore[arg-type]
    return replace(fitted, model=kept, folds=folds)


def _fit_processes(data: FoldedRows, fold: FoldResult) -> tuple[list[GaussianHead], list[float], Values]:
    """Return one process per target, the share of each process, and the blended predictions of the ``val`` rows."""
    rows, networks = fold.predicted["val"]
    known = np.union1d(fold.predicted["train"][0], rows)  # ``val`` is only a part of them if a fold has one member
    processes, weights, unseen = [], [], []
    for column in range(len(data.targets)):
        process = _process(data, known, column)
        left_out = process.left_out_[np.isin(known, rows)]
        mixed = (1 - WEIGHTS[:, None]) * networks[:, column] + WEIGHTS[:, None] * left_out  # (weights, rows)
        best = int(np.abs(mixed - data.y[rows, column]).mean(axis=1).argmin())
        processes.append(process)
        weights.append(float(WEIGHTS[best]))
        unseen.append(mixed[best])
    return processes, weights, np.stack(unseen, axis=1)


def _process(data: FoldedRows, rows: Rows, column: int) -> GaussianHead:
    process = GaussianHead(n_features=data.x.shape[1], n_rows=len(rows))
    return process.fit(data.x[rows], data.y[rows, column], _units(data, rows))


def _units(data: FoldedRows, rows: Rows) -> NDArray[np.intp] | None:
    """Return what is held out as a whole, shape (rows,), as the networks' validation rows are; None: single rows."""
    held: NDArray[Any] | None = data.rows.groups
    if held is None and data.rows.equal is not None:
        held = data.rows.equal.sets
    if held is None:
        return None
    units: NDArray[np.intp] = np.unique(held[rows], return_inverse=True)[1].reshape(-1)
    return units if units.max() + 1 < len(rows) else None


def _mix(networks: Values, processes: list[GaussianHead], weights: list[float], x: Values) -> Values:
    with torch.no_grad():
        smooth = np.stack([process(torch.as_tensor(x)).numpy() for process in processes], axis=1)
    mixed: Values = (1 - np.array(weights)) * networks + np.array(weights) * smooth
    return mixed
