"""A logged model of a table, applied: evaluation, prediction and inverse design."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.declared_units import read_declared
from remanence.data.opened_table import OpenedTable
from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, check_room
from remanence.errors import ConfigurationError
from remanence.studies.design.table_grid import search_table
from remanence.studies.known_rows import ROWS, KnownRows, known_rows, stored_predictions, tested
from remanence.studies.own_data import check_asked, open_own_data, refuse_changes
from remanence.studies.predictions import rows_to_predict, with_identity, write_predictions
from remanence.studies.row_scores import say, score_rows
from remanence.studies.table.logged_model import TableModel, half_width
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run


class AppliedTable:
    """The model that a run on a table has logged."""

    def __init__(self, run: Run, model: TableModel) -> None:
        self.run, self.model = run, model

    @classmethod
    def of(cls, run: Run) -> Self:
        """Load the model of a run."""
        return cls(run, saved_model_of(run.id, TableModel.load, run.folder))

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the metrics on a table, or for None on the rows that the run held out, see ``score_rows``.

        Raises:
            DataError: if the run's own file has changed, or the table does not suit the model.
        """
        refuse_changes("evaluate", changes)
        columns, own_data = self.model.columns, cache(self._own_data)
        if path is None:
            data = own_data()
            frame, source = data.frame.iloc[tested(data)], data.source.name
        else:
            named, source = [*columns.features, *columns.targets], Path(path).name
            frame = read_declared(path, named, columns.units)
        metrics, line = score_rows(
            known_rows(self.run, ROWS, lambda: self._known_rows_rebuilt(own_data())),
            columns.encode(frame, source),
            columns.encode_targets(frame, source),
            np.asarray(self.model.predict(frame, source=source)[columns.targets]),
            targets=columns.targets,
            half_width=half_width(self.model.model, len(columns.targets)),
        )
        say(line)
        return metrics

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return targets and the ends of their intervals for the rows of a table, after its column ``id``.

        Raises:
            DataError: if the table does not suit the model.
        """
        refuse_changes("predict", changes)
        columns = self.model.columns
        frame, source = rows_to_predict(given, columns.features, columns.units)
        return with_identity(self.model.predict(frame, source=source), frame, columns.units)

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write the rows of a table with predictions and their intervals, and return the number of rows.

        Raises:
            DataError: if the table does not suit the model.
        """
        refuse_changes("predict", changes)
        check_output(output, WRITERS)
        columns = self.model.columns
        frame = read_declared(source, columns.features, columns.units)
        check_room(frame, output, further=len(columns.targets))
        predicted = self.model.predict(frame, source=source)
        write_predictions(frame, predicted, columns.targets, output=output)
        return len(frame)

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Return the compositions of a grid, best first; the key ``over`` gives the ranges of the features."""
        check_asked(self.run, asked, known=["over"], what="one table")
        if not asked.get("over"):
            raise ConfigurationError("design: over=… must be given")
        data = self._own_data()
        return search_table(self.model, data.x[data.folds[0].fitting], target=target, over=asked["over"])

    def _known_rows_rebuilt(self, data: OpenedTable) -> KnownRows:
        return KnownRows.rebuilt(data, lambda: stored_predictions(self.run, "test_predictions"))

    def _own_data(self) -> OpenedTable:
        return open_own_data(self.run, OpenedTable)
