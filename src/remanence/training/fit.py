"""One function that fits any model: a network by Lightning or as stacked members, an estimator directly."""

import copy
import warnings
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pytorch_lightning import LightningModule, Trainer
from sklearn.exceptions import ConvergenceWarning

from remanence.data.folded_rows import FoldedRows
from remanence.data.module import TableModule
from remanence.data.splits import Fold, fitted_rows, inner_folds
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.foundation.threads import one_blas_thread, one_thread
from remanence.models.row_weighing import takes_weighed_batches, weighs_rows
from remanence.models.spread import predict_with_spread
from remanence.science.row_weights import row_weights
from remanence.training.alone import train_alone
from remanence.training.checkpoint import Checkpoint
from remanence.training.fitted import Fitted, FoldResult, Model, Values
from remanence.training.stacked.loaded_member import joins_others, train_as_member
from remanence.training.stacked.stacked_trainer import StackedTrainer

SMALL = 1000
"""Largest number of rows with which an estimator computes on one BLAS thread."""


def fit(
    model: Any, data: FoldedRows, trainer: Trainer | StackedTrainer | None = None, *, resume_from: Path | None = None
) -> Fitted:
    """Fit ``model`` in every outer fold to the rows outside that fold's test.

    Args:
        model: untrained model, a ``LightningModule`` with ``prepare`` or an object with ``fit(x, y)``.
        data: rows and the folds that hold some of them out.
        trainer: trainer of a network; Lightning's trains one network on one fold. Estimators need none.
        resume_from: ``last.ckpt`` of a Lightning training; a stacked training finds its own file.
    """
    if not isinstance(model, LightningModule):
        return fit_estimator(model, data)
    if isinstance(trainer, StackedTrainer):
        with one_thread():
            return trainer.fit(model, data)
    if trainer is None:
        raise ValueError("Expected argument `trainer` to be a trainer for a network, but got None.")
    if len(data.folds) > 1:
        raise ConfigurationError("data.split: several folds need stacked members; add ensemble=stacked")
    return fit_network(model, data, trainer, resume_from=resume_from)


def fit_network(
    model: LightningModule, data: FoldedRows, trainer: Trainer, *, resume_from: Path | None = None
) -> Fitted:
    """Train one network on the first fold and return it with its best weights."""
    if callable(prepare := getattr(model, "prepare", None)):
        prepare(*data.part("train"))
    weighed = takes_weighed_batches(model)
    if data.uncertainty is not None and not weighed:
        console.print(
            f"{type(model).__name__} weighs all rows alike where it is trained alone, whatever their uncertainty; "
            "stacked members weigh them: add ensemble=stacked"
        )
    best_epoch: int | None
    joined = 1
    if joins_others(model, data, trainer, resume_from):
        with one_thread():
            best_epoch, epochs, joined = train_as_member(model, data, trainer)
    else:
        model = train_alone(model, TableModule(data, weighed=weighed), trainer, resume_from=resume_from)
        best = [callback.best_epoch for callback in trainer.callbacks if isinstance(callback, Checkpoint)]  # type: ignore[attr-defined]
        best_epoch, epochs = (best[0] if best else None), trainer.current_epoch
    fold = data.fold
    parts = {"train": fold.train, "val": fold.validation, "test": fold.test}
    network: Any = model
    predicted = {part: (rows, network.predict(data.x[rows])) for part, rows in parts.items()}
    return Fitted(
        model=network,
        folds=[FoldResult(network, predicted, _unknown(data, fold))],
        best_epoch=best_epoch,
        epochs=epochs,
        stack=joined,
    )


def fit_estimator(model: Any, data: FoldedRows) -> Fitted:
    """Fit an estimator to all rows outside each fold's test.

    With one fold, a second fit without the validation rows gives the predictions of ``val``, and the first fit is the
    model to keep. With several folds, the model to keep is fitted to all rows that any fold fits.
    """
    with one_blas_thread() if len(data.x) <= SMALL else nullcontext():
        return _fit_estimator(model, data)


def _fit_estimator(model: Any, data: FoldedRows) -> Fitted:
    folds = []
    for fold in data.folds:
        fitted = _fitted_copy(model, data, fold.fitting)
        predicted = {
            part: (rows, fitted.predict(data.x[rows])) for part, rows in (("train", fold.fitting), ("test", fold.test))
        }
        validated_spread = None
        if len(data.folds) == 1:
            without = _fitted_copy(model, data, fold.train)
            validated, validated_spread = predict_with_spread(without, data.x[fold.validation])
            predicted["val"] = (fold.validation, validated)
        folds.append(FoldResult(fitted, predicted, _unknown(data, fold), validated_spread))
    every = fitted_rows(data.folds)
    kept = folds[0].model if len(folds) == 1 else _fitted_copy(model, data, every)
    return Fitted(model=kept, folds=folds)


def validated_by_turns(result: FoldResult, data: FoldedRows, fold: Fold, *, folds: int) -> FoldResult:
    """Return the result of an estimator with a part ``val`` of all rows outside the fold's test, as members have one.

    Each row is predicted by a copy that is fitted without its inner fold; these are the inner folds of the members.

    Args:
        result: result of a fitted estimator.
        data: rows.
        fold: the fold of the result.
        folds: number of inner folds.
    """
    parts = []
    for rows, rest in inner_folds(data.rows, fold, folds=folds, seed=data.split["seed"]):
        copied = _fitted_copy(result.model, data, rows)
        parts.append((rest, *predict_with_spread(copied, data.x[rest])))
    rows, predicted = (np.concatenate([part[number] for part in parts]) for number in (0, 1))
    spreads = [spread for *_, spread in parts if spread is not None]
    spread = np.concatenate(spreads) if len(spreads) == len(parts) else None
    return replace(result, predicted={**result.predicted, "val": (rows, predicted)}, validated_spread=spread)


def _unknown(data: FoldedRows, fold: Fold) -> Values:
    """Return the half widths of a fold without intervals, shape (test rows, targets)."""
    return np.full((len(fold.test), len(data.targets)), np.nan)


def _fitted_copy(model: Any, data: FoldedRows, rows: Any) -> Model:
    fitted = copy.deepcopy(model)
    with warnings.catch_warnings():
        # the likelihood is flat in one direction, on which the prediction does not depend
        warnings.simplefilter("ignore", ConvergenceWarning)
        weights = row_weights(data.uncertainty, data.y, rows)
        weighed = {} if weights is None or not weighs_rows(fitted) else {"weights": weights}
        fitted.fit(data.x[rows], data.y[rows], **weighed)
    return fitted  # type: ignore[no-any-return]
