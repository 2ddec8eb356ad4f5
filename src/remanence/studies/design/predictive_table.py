"""What a search asks of a fitted model of a table."""

from typing import Any, Protocol

import pandas as pd

from remanence.data.columns import Columns


class PredictiveTable(Protocol):
    """A model of a table: features in, targets and their intervals out, physical units."""

    @property
    def columns(self) -> Columns:
        """Meaning of its inputs and outputs."""

    def predict(self, frame: pd.DataFrame) -> Any:
        """Return ``<target>``, ``<target>_low`` and ``<target>_high`` for rows of features."""
