"""The methods of a fitted model of a table that a search calls."""

from typing import Any, Protocol

import pandas as pd

from remanence.data.columns import Columns
from remanence.science.training_region import TrainingRegion


class PredictiveTable(Protocol):
    """A model that maps the features of a table to targets and their intervals, in physical units."""

    @property
    def columns(self) -> Columns:
        """Names, categories and units of the model's inputs and outputs."""

    @property
    def region(self) -> TrainingRegion | None:
        """Where the rows are that the model was fitted to; None if that is not known."""

    @property
    def coverage(self) -> float:
        """Share of the rows that the intervals are to hold."""

    def predict(self, frame: pd.DataFrame) -> Any:
        """Return ``<target>``, ``<target>_low`` and ``<target>_high`` for rows of features."""
