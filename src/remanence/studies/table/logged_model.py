"""The model of a table that MLflow loads: it maps tables to tables, in physical units."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import shown_row
from remanence.data.columns import Columns
from remanence.data.declared_units import as_named
from remanence.data.table_file import check_header
from remanence.foundation.damage import reading
from remanence.foundation.terminal import console
from remanence.science.training_region import TrainingRegion, Whereabouts
from remanence.studies.predictions import check_predicted, frame_of, interval_names
from remanence.studies.table.whereabouts import told_foreign, told_outside, where_table
from remanence.tracking.saved_model import DESCRIPTION, load_model, save_model
from remanence.tracking.saved_region import load_region, save_region
from remanence.training.fitted import Model, predict_with_half_width
from remanence.training.intervals import Intervals

INTERVALS = "intervals"
"""Key of the description of a saved model that holds its intervals; models of earlier releases lack it."""

EARLIER_COVERAGE = 0.9
"""Coverage of intervals of constant width, unless ``ensemble.coverage`` of their run says another one."""

Values = NDArray[np.float64]


class TableModel:
    """A fitted model and the meaning of its columns.

    Args:
        model: fitted model.
        columns: meaning of its inputs and outputs.
        region: where the rows are that it was fitted to; None if that is not known, as for runs of earlier releases.
        intervals: its intervals; None if it has none, or one of constant width that it knows itself.
    """

    def __init__(
        self,
        model: Model,
        columns: Columns,
        region: TrainingRegion | None = None,
        intervals: Intervals | None = None,
    ) -> None:
        self.model, self.columns, self.region, self.intervals = model, columns, region, intervals

    @classmethod
    def load(cls, folder: Path) -> "TableModel":
        """Load a model from a folder that ``save`` wrote."""
        model, description = load_model(folder)
        with reading(folder / DESCRIPTION):
            stored = description.get(INTERVALS)
            intervals = None if stored is None else Intervals.from_dict(stored)
            columns = Columns(**description["columns"])
        return cls(model, columns, load_region(folder), intervals)

    def save(self, folder: Path) -> None:
        """Write the model, the meaning of its columns, its intervals and its training rows into a folder."""
        if self.region is not None:
            save_region(self.region, folder)
        own = {} if self.intervals is None else {INTERVALS: self.intervals.to_dict()}
        save_model(self.model, folder, columns=self.columns.to_dict(), **own)

    def predict(self, given: Any, params: dict[str, Any] | None = None, *, source: str = "input") -> Any:
        """Return one column per target for the rows of a table, and the ends of its interval if the model has one.

        Two further columns say how far from home a row is: ``distance``, that to the nearest training row in standard
        deviations of the inputs, and ``extrapolated``, yes for a row outside the training rows. Columns that are not
        features are ignored. Cells may be numbers or text: whole numbers are accepted where the
        model takes real ones, and numbers where it takes categories that look like numbers.

        Raises:
            DataError: for a missing column, naming it, or for a bad cell, naming its row and column.
        """
        return self.predict_and_tell(given, source=source)[0]

    def predict_and_tell(self, given: Any, *, source: str = "input") -> tuple[pd.DataFrame, list[str]]:
        """Return what ``predict`` returns, and what a user is told of it: rows far from home, intervals without an end.

        Raises:
            DataError: as ``predict``.
        """
        frame = as_named(frame_of(given), self.columns.needed, self.columns.units, source)
        check_header(list(frame.columns), self.columns.needed, source)
        _, where, predicted, half_widths = self.predict_rows(frame, source)
        table = pd.DataFrame(predicted, columns=self.columns.targets, index=frame.index)
        ends = interval_names(self.columns.targets)
        for target, width in zip(self.columns.targets, half_widths.T, strict=True):
            if not np.isnan(width).all():
                low, high = ends[target]
                table[low], table[high] = table[target] - width, table[target] + width
        lines: list[str] = []
        unknown = self.columns.unknown_elements(frame)
        number = partial(shown_row, frame)
        if where is not None:
            if len(frame):
                lines.append(told_outside(where, self.columns.inputs, list(self.columns.levels), number))
            foreign = np.array([bool(elements) for elements in unknown], dtype=np.bool_)
            table = pd.concat([table, where_table(where, table.index, table.columns.tolist(), foreign)], axis=1)
        lines += told_foreign(unknown, number)
        if self.intervals is not None and (line := self.intervals.told_endless()):
            lines.append(line)
        return table, lines

    def predict_rows(self, frame: pd.DataFrame, source: str) -> tuple[Values, Whereabouts | None, Values, Values]:
        """Return inputs of rows, where they are, predictions, and half widths of their intervals, NaN where unknown.

        Args:
            frame: rows with the columns that the model needs, by their names.
            source: name of the file, for messages.

        Returns:
            the inputs, shape (rows, inputs); where the rows are, None if the training rows are not known; predictions
            and half widths, both of shape (rows, targets).

        Raises:
            DataError: for a bad cell, naming its row and column.
        """
        x = self.columns.encode(frame, source)
        if self.columns.missing == "impute":
            for line in self.columns.said_of_fill(self.columns.read_features(frame), source):
                console.print(line)
        where = None if self.region is None else self.region.locate(x)
        predicted, half_widths = predict_with_half_width(self.model, x, self.intervals, where)
        check_predicted(predicted, self.columns.targets, frame, source)
        return x, where, predicted, half_widths

    @property
    def coverage(self) -> float:
        """Share of the rows that the intervals are to hold; those of earlier releases do not know theirs."""
        return EARLIER_COVERAGE if self.intervals is None else self.intervals.coverage

    @property
    def further_columns(self) -> int:
        """Largest number of columns that ``predict`` returns."""
        has_intervals = self.intervals is not None or hasattr(self.model, "half_width")
        return len(self.columns.targets) * (3 if has_intervals else 1) + 2 * (self.region is not None)


def _load_pyfunc(path: str) -> TableModel:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return TableModel.load(Path(path))
