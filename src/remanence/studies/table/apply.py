"""A tracked model of a table on its own test rows, or on those of another table."""

from pathlib import Path

import numpy as np

from remanence.data.declared_units import read_declared
from remanence.errors import ConfigurationError
from remanence.studies.own_data import open_own_data
from remanence.studies.predictions import write_predictions
from remanence.tracking.logged_model import TableModel
from remanence.tracking.run import Run
from remanence.training.score import score


def evaluate_table(loaded: TableModel, run: Run, path: str | None) -> dict[str, float]:
    """Return the metrics of a model on a table; None takes the rows that its run held out.

    Raises:
        ConfigurationError: if the run held every row out in turn.
        DataError: if the run's own file has changed, or a table does not fit.
    """
    columns = loaded.columns
    if path is None:
        data = open_own_data(run)
        if len(data.folds) > 1:
            raise ConfigurationError(
                f"evaluate: run {run.id} held every row out in turn, so its model has seen them all; "
                "its honest numbers are in the run; give data.path=<other rows>"
            )
        frame, source = data.frame.iloc[data.fold.test], data.source.name
    else:
        named, source = [*columns.features, *columns.targets], Path(path).name
        frame = read_declared(path, named, columns.units)
    actual = columns.encode_targets(frame, source)
    predicted = np.asarray(loaded.predict(frame, source=source)[columns.targets])
    return {"rows": float(len(frame)), **score("test", columns.targets, actual, predicted)}


def predict_table(loaded: TableModel, source: str, output: str) -> int:
    """Write the rows of a table with predictions and their intervals, and return how many there are.

    Raises:
        DataError: if the table does not fit, or a column of predictions is there already.
    """
    frame = read_declared(source, loaded.columns.features, loaded.columns.units)
    predicted = loaded.predict(frame, source=source)
    write_predictions(frame, predicted, loaded.columns.targets, source=source, output=output)
    return len(frame)
