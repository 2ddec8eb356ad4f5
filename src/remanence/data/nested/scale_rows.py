"""The rows of one scale of a chain: a table whose inputs include the inputs of the scale's finer scales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import categories, is_empty, numbers
from remanence.data.columns import Columns
from remanence.data.nested.compositions import FROM_COMPOSITION
from remanence.data.opened_table import OpenedTable
from remanence.data.source import Source
from remanence.data.table import Table
from remanence.errors import ConfigurationError
from remanence.science.nested.ions import SITE_IONS, SITES
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS

COMPOSITION = "composition"


@dataclass
class ScaleRows(OpenedTable):
    """Rows of one scale after encoding and splitting."""

    name: str = ""
    """Name of the scale."""
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns that hold the inputs of each scale; finer scales come first, this scale comes last."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """Positions of the columns, for the network: which belong to each scale, to each category and to each head."""
    labelled: NDArray[np.float64] | None = None
    """Values that the heads are trained to predict, shape (rows, targets and labels)."""

    @property
    def learnt(self) -> NDArray[np.float64]:
        """Values that the heads are trained to predict, shape (rows, targets and labels)."""
        return self.y if self.labelled is None else self.labelled

    @property
    def factors(self) -> list[list[int]]:
        """Inputs of each factor: the composition, the solvent, and each further feature with all its columns.

        Where the composition is the only factor, its sites are the factors.
        """
        names = {feature: _factor(feature) for feature in self.columns.features}
        if set(names.values()) == {COMPOSITION}:
            names = {feature: _site(feature) for feature in names}
        found: dict[str, list[int]] = {}
        for feature, factor in names.items():
            found.setdefault(factor, []).extend(_encoded(self.columns, feature))
        return list(found.values())

    @property
    def torn(self) -> int:
        """Number of rows that are tested while a row with equal inputs is trained on."""
        tested = np.zeros(len(self.x), dtype=np.bool_)
        for fold in self.folds:
            tested[fold.test[self.equal.shared(fold.test, fold.fitting)]] = True
        return int(tested.sum())


class ScaleTable(Table):
    """Rows of one scale, joined from the tables of a chain; ``open`` encodes and splits them.

    Args:
        name: name of the scale.
        frame: rows of the scale, with the inputs of finer scales beside the scale's own inputs.
        source: where the rows came from.
        inputs: columns of ``frame`` that hold the inputs of each scale; finer scales come first, this scale last.
        heads: kind and columns of each head, see ``models.scale_options.Head``.
        categorical: columns whose values are categories.
        levels: known categories of those inputs that a finer scale was trained on.
        **table: further arguments of ``Table``.
    """

    cells_are_set = False

    def __init__(
        self,
        *,
        name: str,
        frame: pd.DataFrame,
        source: Source,
        inputs: Mapping[str, Sequence[str]],
        heads: Mapping[str, Mapping[str, Any]],
        categorical: Sequence[str],
        levels: Mapping[str, list[str]],
        **table: Any,
    ) -> None:
        self.name, self.given, self.given_source = name, frame, source
        self.inputs = {scale: list(columns) for scale, columns in inputs.items()}
        self.heads, self.known_levels = dict(heads), dict(levels)
        features = list(dict.fromkeys(column for columns in inputs.values() for column in columns))
        targets = [column for head in heads.values() if head["kind"] == "regression" for column in head["columns"]]
        super().__init__(
            target=targets,
            features=features,
            categorical=[feature for feature in features if feature in categorical or feature in levels],
            **table,
        )

    def open(self) -> ScaleRows:
        """Encode and split the rows.

        Raises:
            DataError: for a fault in the data, naming the file and the row or column.
        """
        opened = super().open()
        labels, heads = self._labels(opened)
        columns = opened.columns
        own = self._indices(columns, self.name)
        layout = {
            "blocks": {scale: self._indices(columns, scale) for scale in self.inputs},
            "categories": [
                [own.index(column) for column in _encoded(columns, feature)]
                for feature in self.inputs[self.name]
                if feature in columns.levels
            ],
            "heads": heads,
        }
        return ScaleRows(
            **vars(opened),
            name=self.name,
            inputs=self.inputs,
            layout=layout,
            labelled=np.concatenate([opened.y, *labels], axis=1),
        )

    def read(self) -> tuple[pd.DataFrame, Source]:
        """Return the rows and the source that were given to the constructor."""
        return self.given, self.given_source

    def levels_of(self, feature: str, frame: pd.DataFrame) -> list[str]:
        """Return the categories of a feature: those that a finer scale was trained on, else those in the rows."""
        return self.known_levels.get(feature) or super().levels_of(feature, frame)

    def _texts(self, frame: pd.DataFrame, source: str) -> tuple[list[str], tuple[str, ...]]:
        """Return nothing: the tables of a chain say which of their columns are categories."""
        return [], ()

    def _indices(self, columns: Columns, scale: str) -> list[int]:
        return [index for feature in self.inputs[scale] for index in _encoded(columns, feature)]

    def _labels(self, opened: OpenedTable) -> tuple[list[NDArray[np.float64]], dict[str, list[int]]]:
        """Return the label columns of the classification heads, and which columns of ``learnt`` each head predicts."""
        labels: list[NDArray[np.float64]] = []
        heads: dict[str, list[int]] = {}
        width = opened.y.shape[1]
        for name, head in self.heads.items():
            if head["kind"] == "regression":
                heads[name] = [self.targets.index(column) for column in head["columns"]]
                continue
            block = self._label_block(name, head["columns"], opened)
            labels.append(block)
            heads[name] = list(range(width, width + block.shape[1]))
            width += block.shape[1]
        return labels, heads

    def _label_block(self, name: str, columns: list[str], opened: OpenedTable) -> NDArray[np.float64]:
        frame, source = opened.frame, opened.source.name
        if len(columns) == 1:
            classes = sorted({str(cell) for cell in frame[columns[0]] if not is_empty(cell)})
            return categories(frame, columns[0], classes, source)
        shares = np.stack([numbers(frame, column, source) for column in columns], axis=1)
        if (shares < 0).any() or not np.allclose(shares.sum(axis=1), 1, atol=1e-3):
            raise ConfigurationError(
                f"model.scales.{self.name}.heads.{name}: columns {', '.join(columns)} are no shares; "
                "each row must sum to 1"
            )
        return shares

    def _check_names(self) -> None:
        for key, columns in (("heads", self.targets), ("inputs", self.inputs[self.name])):
            for column in columns:
                if columns.count(column) > 1:
                    raise ConfigurationError(f"model.scales.{self.name}.{key}: column '{column}' is named twice")
        for scale, columns in self.inputs.items():
            for column in columns:
                if column in self.targets:
                    where = "both input and property" if scale == self.name else f"a property, and input of '{scale}'"
                    raise ConfigurationError(f"model.scales.{self.name}: column '{column}' is {where}")

    def _check_constant(self, frame: pd.DataFrame, columns: Columns, x: np.ndarray, source: str) -> None:
        """Accept constant columns: a finer scale's input may have the same value in every row of a coarser table."""


def _factor(feature: str) -> str:
    """Return the name of the factor that a feature belongs to; a joined scale puts its name before that of a column."""
    plain = feature.rpartition(".")[2]
    return COMPOSITION if plain in FROM_COMPOSITION else "solvent" if plain in SOLVENT_DESCRIPTORS else feature


def _site(feature: str) -> str:
    plain = feature.rpartition(".")[2]
    of_ion = next((site for site, ions in SITE_IONS.items() if plain in ions), "")
    return of_ion or next((site for site in SITES if plain.startswith(f"{site}_")), "all sites")


def _encoded(columns: Columns, feature: str) -> list[int]:
    return [columns.inputs.index(name) for name in columns.encoded(feature)]
