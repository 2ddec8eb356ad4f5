"""The scales of a chain as a training run gets them, each with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from remanence.data.nested.scale_rows import ScaleRows
from remanence.data.nested.source_table import SourceTable
from remanence.data.source import Source
from remanence.data.splits import Fold


@dataclass
class OpenedChain:
    """The scales of a chain after reading, joining, encoding and splitting."""

    rows: dict[str, ScaleRows]
    """Rows of each scale; finer scales come first."""
    tables: Mapping[str, SourceTable]
    """Tables as they were read, by name."""
    scales: Mapping[str, Mapping[str, Any]]
    """Description of each scale, as in ``model.scales``."""
    scalers: str = "fold"
    """Rows that z-scores are learnt from: ``fold`` for the training rows, ``all`` for every row."""
    synthetic: bool = False
    """Whether the rows were simulated."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Source of every file that was read."""
        return tuple(table.source for table in self.tables.values())

    @property
    def shape(self) -> dict[str, Any]:
        """Arguments of a chain that follow from the data."""
        return {"layout": {name: rows.layout for name, rows in self.rows.items()}}

    @property
    def flat_shape(self) -> dict[str, int]:
        """Arguments of a model of the coarsest scale's rows that follow from the data."""
        return self.coarsest.shape

    @property
    def coarsest(self) -> ScaleRows:
        """Rows of the coarsest scale, which is the last one."""
        return list(self.rows.values())[-1]

    @property
    def folds(self) -> Sequence[Fold]:
        """Folds of the coarsest scale."""
        return self.coarsest.folds

    @property
    def fold(self) -> Fold:
        """First fold of the coarsest scale."""
        return self.coarsest.fold

    def described(self) -> Self:
        """Return the same rows with numeric cells converted to numbers, see ``OpenedTable.described``."""
        return replace(self, rows={name: rows.described() for name, rows in self.rows.items()})
