"""Logging of a fitted model of a table as one model, with signature, input example and requirements."""

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from pandas.api.types import is_numeric_dtype

from remanence.data.cells import is_empty
from remanence.data.columns import Columns
from remanence.studies.predictions import described
from remanence.studies.table.logged_model import TableModel
from remanence.tracking.logged_model import log_saved
from remanence.tracking.run import Run


def log_table_model(run: Run, logged: TableModel, example: pd.DataFrame, *, step: int) -> None:
    """Log a fitted model once, with signature, input example and requirements.

    Args:
        run: run that the model belongs to.
        logged: fitted model and the meaning of its columns.
        example: a few rows with the feature columns, as a user would have them.
        step: step of the metrics that describe the model.
    """
    columns = logged.columns
    log_saved(
        run,
        logged.save,
        _signature(logged.predict(example)),
        _typed(example, columns),
        loader=TableModel.__module__,
        step=step,
        requirements=getattr(logged.model, "requirements", []),
        inputs={
            **{name: described(columns.levels.get(name)) for name in columns.features},
            **({columns.composition: "formula"} if columns.composition else {}),
        },
    )


def _signature(predicted: pd.DataFrame) -> ModelSignature:
    # without inputs: MLflow would refuse whole numbers for ``double``, and numbers for ``string``; we check the cells
    kinds = {name: "double" if is_numeric_dtype(cells) else "string" for name, cells in predicted.items()}
    return ModelSignature(outputs=Schema([ColSpec(kind, str(name)) for name, kind in kinds.items()]))


def _typed(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    words = {*columns.levels, columns.composition}
    numbers = {name: np.float64 for name in columns.needed if name not in words}
    # an empty cell stays empty, for a model that takes it as an unknown category
    texts = {name: frame[name].map(lambda cell: None if is_empty(cell) else str(cell)) for name in words if name}
    typed = frame[columns.needed].astype(numbers)
    for name, cells in texts.items():
        typed[name] = cells
    return typed
