"""A table of a chain as it was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from remanence.data.source import Source


@dataclass
class SourceTable:
    """The cells of a table and what is known of its columns."""

    frame: pd.DataFrame
    source: Source
    composition: str | None = None
    """Column of formulas that descriptors are computed from."""
    solvent: str | None = None
    """Column of solvents that descriptors are computed from."""
    categorical: Sequence[str] = ()
    units: Mapping[str, str] = field(default_factory=dict)
