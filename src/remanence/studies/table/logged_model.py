"""The model of a table that MLflow loads: it maps tables to tables, in physical units."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from remanence.data.columns import Columns
from remanence.data.table_file import check_header
from remanence.foundation.damage import reading
from remanence.studies.predictions import check_predicted, described, frame_of, interval_names
from remanence.tracking.logged_model import log_saved
from remanence.tracking.run import Run
from remanence.tracking.saved_model import DESCRIPTION, load_model, save_model
from remanence.training.fitted import Model


class TableModel:
    """A fitted model and the meaning of its columns."""

    def __init__(self, model: Model, columns: Columns) -> None:
        self.model = model
        self.columns = columns

    @classmethod
    def load(cls, folder: Path) -> "TableModel":
        """Load a model from a folder that ``save`` wrote."""
        model, description = load_model(folder)
        with reading(folder / DESCRIPTION):
            return cls(model, Columns(**description["columns"]))

    def save(self, folder: Path) -> None:
        """Write the model and the meaning of its columns into a folder."""
        save_model(self.model, folder, columns=self.columns.to_dict())

    def predict(self, given: Any, params: dict[str, Any] | None = None, *, source: str = "input") -> Any:
        """Return one column per target for the rows of a table, and the ends of its interval if the model has one.

        Columns that are not features are ignored. Cells may be numbers or text: whole numbers are accepted where the
        model takes real ones, and numbers where it takes categories that look like numbers.

        Raises:
            DataError: for a missing column, naming it, or for a bad cell, naming its row and column.
        """
        frame = frame_of(given)
        check_header(list(frame.columns), self.columns.features, source)
        predicted = self.model.predict(self.columns.encode(frame, source))
        check_predicted(predicted, self.columns.targets, frame, source)
        table = pd.DataFrame(predicted, columns=self.columns.targets, index=frame.index)
        ends = interval_names(self.columns.targets)
        for target, width in zip(self.columns.targets, half_width(self.model, len(self.columns.targets)), strict=True):
            if np.isfinite(width):
                low, high = ends[target]
                table[low], table[high] = table[target] - width, table[target] + width
        return table


def log_table_model(run: Run, model: Model, columns: Columns, example: pd.DataFrame, *, step: int) -> None:
    """Log a fitted model once, with signature, input example and requirements.

    Args:
        run: run that the model belongs to.
        model: fitted model.
        columns: meaning of the model's inputs and outputs.
        example: a few rows with the feature columns, as a user would have them.
        step: step of the metrics that describe the model.
    """
    log_saved(
        run,
        TableModel(model, columns).save,
        _signature(model, columns),
        _typed(example, columns),
        loader=__name__,
        step=step,
        requirements=getattr(model, "requirements", []),
        inputs={name: described(columns.levels.get(name)) for name in columns.features},
    )


def _load_pyfunc(path: str) -> TableModel:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return TableModel.load(Path(path))


def half_width(model: Model, targets: int) -> np.ndarray:
    """Return half the width of each target's interval, or NaN if ``model`` has no intervals."""
    return np.asarray(getattr(model, "half_width", np.full(targets, np.nan)))


def _signature(model: Model, columns: Columns) -> ModelSignature:
    ends = interval_names(columns.targets)
    outputs = [
        name
        for target, width in zip(columns.targets, half_width(model, len(columns.targets)), strict=True)
        for name in ([target, *ends[target]] if np.isfinite(width) else [target])
    ]
    # without inputs: MLflow would refuse whole numbers for ``double``, and numbers for ``string``; we check the cells
    return ModelSignature(outputs=Schema([ColSpec("double", name) for name in outputs]))


def _typed(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    kinds: dict[str, Any] = {name: str if name in columns.levels else np.float64 for name in columns.features}
    return frame[columns.features].astype(kinds)
