"""The scales of a chain as a training sees them, each with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from remanence.data.nested.scale_rows import ScaleRows
from remanence.data.nested.source_table import SourceTable
from remanence.data.source import Source
from remanence.data.splits import Fold


@dataclass
class OpenedChain:
    """Tables that were read, joined, encoded and split."""

    rows: dict[str, ScaleRows]
    """Scale to its rows; finer scales first."""
    tables: Mapping[str, SourceTable]
    """As they were read."""
    scales: Mapping[str, Mapping[str, Any]]
    """As ``model.scales`` describes them."""
    scalers: str = "fold"
    """``all`` where z-scores are learnt from every row."""
    synthetic: bool = False
    """Whether the rows were simulated."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read."""
        return tuple(table.source for table in self.tables.values())

    @property
    def shape(self) -> dict[str, Any]:
        """What only the data can tell a chain."""
        return {"layout": {name: rows.layout for name, rows in self.rows.items()}}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell a model of the coarsest scale's rows."""
        return self.coarsest.shape

    @property
    def coarsest(self) -> ScaleRows:
        """The last scale."""
        return list(self.rows.values())[-1]

    @property
    def folds(self) -> Sequence[Fold]:
        """Of the coarsest scale."""
        return self.coarsest.folds

    @property
    def fold(self) -> Fold:
        """The first of them."""
        return self.coarsest.fold

    def described(self) -> Self:
        """Return the same rows for reading, see ``OpenedTable.described``."""
        return replace(self, rows={name: rows.described() for name, rows in self.rows.items()})
