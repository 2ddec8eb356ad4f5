"""A logged model of a table, applied: evaluation, prediction, inverse design and the next experiments."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import pandas as pd
from numpy.typing import NDArray

from remanence.data.declared_units import as_named
from remanence.data.measured_rows import with_values
from remanence.data.opened_table import OpenedTable
from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, check_header, check_room, read_table
from remanence.foundation.imports import importing
from remanence.studies.design.asked_keys import SPACE
from remanence.studies.design.to_measure import HEADERS
from remanence.studies.known_rows import ROWS, KnownRows, known_rows, stored_predictions, tested
from remanence.studies.own_data import check_asked, format_of, open_own_data
from remanence.studies.predictions import rows_to_predict, with_identity, write_predictions
from remanence.studies.row_scores import say, score_rows
from remanence.studies.suggest.asked_keys import BACKTEST, EXPERIMENTS
from remanence.studies.table.logged_model import TableModel
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
        format = format_of("evaluate", changes)
        columns, own_data = self.model.columns, cache(self._own_data)
        if path is None:
            data = own_data()
            frame, source = data.frame.iloc[tested(data)], data.source.name
        else:
            named, source = [*columns.needed, *columns.targets], Path(path).name
            frame = as_named(read_table(path, [], format, looked_for=named), named, columns.units, path)
            check_header(frame.columns.tolist(), named, path)
            frame, lines = with_values(frame, columns, source)
            for line in lines:
                say(line)
        x, _, predicted, half_width = self.model.predict_rows(frame, source)
        metrics, line = score_rows(
            known_rows(self.run, ROWS, lambda: self._known_rows_rebuilt(own_data())),
            x,
            columns.encode_targets(frame, source),
            predicted,
            targets=columns.targets,
            half_width=half_width,
        )
        say(line)
        return metrics

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return targets and the ends of their intervals for the rows of a table, after its column ``id``.

        Raises:
            DataError: if the table does not suit the model.
        """
        columns, format = self.model.columns, format_of("predict", changes)
        frame, source = rows_to_predict(given, columns.needed, columns.units, format)
        return with_identity(self.model.predict(frame, source=source), frame, columns.units, columns.id)

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write the rows of a table with predictions and their intervals, and return the number of rows.

        Behind them stands how far from the training rows each row is, and a line says how many lie outside them.

        Raises:
            DataError: if the table does not suit the model.
        """
        format = format_of("predict", changes)
        check_output(output, WRITERS)
        columns = self.model.columns
        frame = read_table(source, [], format, looked_for=columns.needed)
        check_room(frame, output, further=self.model.further_columns)
        named = as_named(frame, columns.needed, columns.units, source)
        predicted, lines = self.model.predict_and_tell(named, source=source)
        write_predictions(frame, predicted, columns.targets, output=output)
        for line in lines:
            say(line)
        return len(frame)

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Return candidates, best first; ``studies.design.candidate_rows`` describes the keys."""
        check_asked(self.run, asked, known=(*SPACE, "constraints"), what="one table")
        with importing():  # here, because a prediction does without
            from remanence.studies.design.table_search import NOTES, search_table

        data = self._own_data()
        table = search_table(self.model, data.plain.iloc[data.folds[0].fitting], target=target, asked=asked)
        table.attrs[HEADERS] = data.frame.attrs.get("headers", {})
        endless = self.model.intervals.told_endless() if self.model.intervals is not None else ""
        for note in [*table.attrs[NOTES], *([endless] if endless else [])]:
            say(note)
        return table

    def suggest(self, asked: Mapping[str, str]) -> pd.DataFrame:
        """Return the next experiments; ``studies.suggest.suggest_rows`` describes the keys."""
        check_asked(self.run, asked, known=EXPERIMENTS, what="one table", verb="suggest")
        with importing():
            from remanence.studies.design.table_search import NOTES
            from remanence.studies.suggest.suggest_rows import Measured, suggest_rows
            from remanence.studies.table.explored_campaign import show_suggested

        data = self._own_data()
        table = suggest_rows(self.model, Measured(data.frame, data.x, data.y), asked)
        table.attrs[HEADERS] = data.frame.attrs.get("headers", {})
        for note in table.attrs[NOTES]:
            say(note)
        show_suggested(self.run, data, table)
        return table

    def backtest(self, asked: Mapping[str, str]) -> pd.DataFrame:
        """Play the choice of experiments on the run's own rows; ``studies.suggest.replay`` describes the keys."""
        check_asked(self.run, asked, known=BACKTEST, what="one table", verb="suggest backtest=true")
        with importing():
            from remanence.studies.suggest.replay import replay
            from remanence.studies.table.explored_campaign import show_replayed

        data = self._own_data()
        table = replay(self.run, data, asked)
        show_replayed(self.run, data, table, asked.get("target"))
        return table

    def _known_rows_rebuilt(self, data: OpenedTable) -> KnownRows:
        return KnownRows.rebuilt(data, lambda: stored_predictions(self.run, "test_predictions"))

    def _own_data(self) -> OpenedTable:
        return open_own_data(self.run, OpenedTable)
