"""A logged chain, applied to a table: predictions and metrics of every scale that the table has the columns of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.data.declared_units import check_units
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, check_header, read_table
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import console
from remanence.studies.chain.logged_model import ChainModel
from remanence.studies.design.chain_search import search_chain
from remanence.studies.own_data import check_asked, open_own_data, refuse_changes
from remanence.studies.predictions import rows_to_predict, with_identity, write_predictions
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run
from remanence.training.score import score


class AppliedChain:
    """The chain that a run has logged."""

    def __init__(self, run: Run, model: ChainModel) -> None:
        self.run, self.model = run, model

    @classmethod
    def of(cls, run: Run) -> Self:
        """Load the model of a run."""
        return cls(run, saved_model_of(run.id, ChainModel.load, run.folder))

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the metrics of every scale whose columns and properties the table has.

        Raises:
            ConfigurationError: if no table is given: the run held out each of its own rows in turn, so the logged model
                has been fitted to all of them.
            DataError: if no scale can be evaluated.
        """
        refuse_changes("evaluate", changes)
        if path is None:
            raise ConfigurationError(
                "evaluate: a chain holds every row out in turn, so its model has seen them all; its honest numbers are "
                "in the run; give data.path=<other rows>"
            )
        chain, frame = self.model, read_table(path, [])
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

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the properties, with intervals, of every scale whose columns the table has, after its column ``id``.

        Raises:
            DataError: if the table lacks columns of every scale, or a cell is bad.
        """
        refuse_changes("predict", changes)
        raw = [name for columns in self.model.raw_columns.values() for name in columns]
        frame, source = rows_to_predict(given, raw, self.model.units)
        return with_identity(self.model.predict(frame, source=source), frame, self.model.units)

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write the rows of a table with ``<property>_predicted`` and its interval, and return the number of rows.

        The table may have the columns of some scales only, such as the finest. Then the properties of these scales are
        predicted, and the columns that the other scales lack are printed.

        Raises:
            DataError: if the table lacks columns of every scale, a cell is bad, or the table already has a column of
                predictions.
        """
        refuse_changes("predict", changes)
        check_output(output, WRITERS)
        chain, frame = self.model, read_table(source, [])  # the columns of any scale may be there
        check_units(
            frame.columns.tolist(), [name for raw in chain.raw_columns.values() for name in raw], chain.units, source
        )
        predicted = chain.predict(frame, source=source)
        targets = [name for outputs in chain.targets.values() for name in outputs]
        write_predictions(frame, predicted, targets, source=source, output=output)
        for scale in chain.scales:
            if missing := [column for column in chain.raw_columns[scale] if column not in frame]:
                outputs = ", ".join(chain.targets[scale])
                console.print(f"without {', '.join(missing)} there is no prediction of {outputs}")
        return len(frame)

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Return candidates from the grid and the latent space, best first; ``search_chain`` describes the keys."""
        check_asked(self.run, asked, known=["constraints", "ions", "step"], what="a chain of scales")
        trained = {scale: rows.frame for scale, rows in open_own_data(self.run, OpenedChain).rows.items()}
        return search_chain(self.model, trained, target=target, **asked)
