"""A tracked chain on other rows: predictions of every scale that a table describes, and how good they are."""

from pathlib import Path

import numpy as np

from remanence.data.columns import Columns
from remanence.data.declared_units import check_units
from remanence.data.table_file import check_header, read_table
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import console
from remanence.studies.chain.logged_model import ChainModel
from remanence.studies.predictions import write_predictions
from remanence.training.score import score


def predict_chain(chain: ChainModel, input_path: str, output_path: str) -> int:
    """Write the rows of a table with ``<property>_predicted`` and the ends of its interval; return how many.

    A table with the columns of the finest scale alone gets the properties of that scale, and what is missing for the
    others is printed.

    Raises:
        DataError: if no scale's columns are all there, a cell is bad, or a column of predictions is there already.
    """
    frame = read_table(input_path, [])  # of a tree, any of its scales may be there
    check_units(
        frame.columns.tolist(), [name for raw in chain.raw_columns.values() for name in raw], chain.units, input_path
    )
    predicted = chain.predict(frame, source=input_path)
    targets = [name for outputs in chain.targets.values() for name in outputs]
    write_predictions(frame, predicted, targets, source=input_path, output=output_path)
    for scale in chain.scales:
        if missing := [column for column in chain.raw_columns[scale] if column not in frame]:
            outputs = ", ".join(chain.targets[scale])
            console.print(f"without {', '.join(missing)} there is no prediction of {outputs}")
    return len(frame)


def evaluate_chain(chain: ChainModel, path: str | None) -> dict[str, float]:
    """Return the metrics of every scale whose columns and properties a table holds.

    Raises:
        ConfigurationError: without a table: every row of the run's own was held out in turn.
        DataError: if no scale can be evaluated.
    """
    if path is None:
        raise ConfigurationError(
            "evaluate: a chain holds every row out in turn, so its model has seen them all; its honest numbers are in "
            "the run; give data.path=<other rows>"
        )
    frame = read_table(path, [])
    every = [name for named in (chain.raw_columns, chain.targets) for scale in named.values() for name in scale]
    check_units(frame.columns.tolist(), every, chain.units, path)
    metrics = {"rows": float(len(frame))}
    for scale in chain.scales:
        outputs = chain.targets[scale]
        named = [*chain.raw_columns[scale], *outputs]
        if set(named) <= set(frame.columns):
            check_header(frame.columns.tolist(), named, path)
            columns = Columns([], outputs)
            actual = columns.encode_targets(frame, Path(path).name)
            predicted = np.asarray(chain.predict(frame, source=Path(path).name)[outputs])
            metrics |= score(f"test/{scale}", outputs, actual, predicted)
    if len(metrics) == 1:
        first = chain.scales[0]
        wanted = ", ".join([*chain.raw_columns[first], *chain.targets[first]])
        raise DataError(f"{path}: holds no scale's columns and properties; those of '{first}' are {wanted}")
    return metrics
