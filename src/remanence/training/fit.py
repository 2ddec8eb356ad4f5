"""One way to fit any model: a network through Lightning, an estimator directly."""

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule, Trainer

from remanence.data.module import TableModule
from remanence.data.table import Table


class Model(Protocol):
    """What every model on tables can do once it is fitted."""

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict targets (rows, n_targets) from inputs (rows, n_features), both in physical units."""
        ...


def fit(model: Model, data: Table, trainer: Trainer | None = None, *, resume_from: Path | None = None) -> Model:
    """Fit ``model`` to the training rows of an opened ``data``; a network ends with its best weights.

    Args:
        model: a ``LightningModule`` with ``prepare``, or an object with ``fit(x, y)``.
        data: an opened table.
        trainer: needed by networks only.
        resume_from: a ``last.ckpt``.
    """
    if not isinstance(model, LightningModule):
        model.fit(*data.part("train"))  # type: ignore[attr-defined]
        return model
    if trainer is None:
        raise ValueError("Expected argument `trainer` to be a Trainer for a network, but got None.")
    if callable(prepare := getattr(model, "prepare", None)):
        prepare(*data.part("train"))
    trainer.fit(model, TableModule(data), ckpt_path=resume_from, weights_only=True)
    if any(not torch.isfinite(value).all() for value in model.state_dict().values()):
        raise FloatingPointError("training diverged: weights are not finite; try a smaller model.lr")
    return model
