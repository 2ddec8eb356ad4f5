"""The meaning of a table's columns: which are inputs, which are targets, and how their cells become numbers."""

from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.category_column import read_categories
from remanence.data.cell_faults import CellFault, refuse_cells
from remanence.data.composition_column import read_compositions
from remanence.data.number_column import read_numbers
from remanence.science.composition.descriptors import UNITS


@dataclass(frozen=True)
class Encoded:
    """Cells of several columns as numbers, and those that cannot be taken."""

    values: NDArray[np.float64]
    """Shape (rows, numbers), in physical units; NaN where a cell has no value."""
    uncertainty: NDArray[np.float64]
    """Standard uncertainty of each value, of the same shape; NaN where it is not stated."""
    faults: list[CellFault]
    """Cells that have no value, or one that is not taken as it stands."""
    uncertain: dict[str, list[int]]
    """Column to the rows whose cell is a value with an uncertainty, a range or an approximate value, and was taken."""


@dataclass(frozen=True)
class Columns:
    """Names of a model's inputs and outputs; they are saved with the logged model, so all values are plain."""

    features: list[str]
    targets: list[str]
    levels: dict[str, list[str]] = field(default_factory=dict)
    """Known values of each categorical feature, in the order of its one-hot columns."""
    units: dict[str, str] = field(default_factory=dict)
    id: str | None = None
    """Column that names a row in every table; None: a column called id, if there is one."""
    missing: str = "error"
    """What is done about cells without a value: ``error``, ``drop`` or ``impute``, see ``Table``."""
    uncertain: str = "error"
    """What is done about values with an uncertainty: ``error`` or ``value``, see ``Table``."""
    fill: dict[str, float] = field(default_factory=dict)
    """Value of a missing cell of each numeric feature, if ``missing`` is ``impute``."""
    composition: str | None = None
    """Column of formulas, which is read besides the features."""
    elements: list[str] = field(default_factory=list)
    """Elements whose fractions are inputs: those of the training rows."""
    known_elements: list[str] = field(default_factory=list)
    """All elements that the training rows hold; models of earlier releases do not say."""
    descriptors: list[str] = field(default_factory=list)
    """Descriptors of a composition that are inputs, see ``science.composition.descriptors``."""
    abbreviations: dict[str, str] = field(default_factory=dict)
    """Names that stand for formulas, besides those of the literature."""

    @property
    def inputs(self) -> list[str]:
        """Names of the encoded inputs, in their order.

        A numeric feature gives one input, a categorical feature one per level; a composition gives the fraction of each
        element and its descriptors.
        """
        return [*(name for feature in self.features for name in self.encoded(feature)), *self.composition_inputs]

    @property
    def needed(self) -> list[str]:
        """Columns that a table needs for a prediction: the features and the formulas."""
        return [*self.features, *([self.composition] if self.composition else [])]

    @property
    def composition_inputs(self) -> list[str]:
        """Names of the inputs that the formulas are encoded as; a feature of the same name goes before."""
        names = [*self.elements, *self.descriptors]
        return [f"{self.composition} {name}" if name in self.features else name for name in names]

    @property
    def category_places(self) -> list[int]:
        """Places of the inputs that stand for categories."""
        return [self.inputs.index(name) for feature in self.levels for name in self.encoded(feature)]

    def encoded(self, feature: str) -> list[str]:
        """Return the names of the inputs that ``feature`` is encoded as."""
        return [f"{feature}={level}" for level in self.levels[feature]] if feature in self.levels else [feature]

    def encode(self, frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
        """Turn the feature columns of ``frame`` into model inputs, shape (rows, inputs), in physical units.

        Args:
            frame: cells as read; columns that are not features are ignored.
            source: name of the file, for error messages.

        Raises:
            DataError: if cells are not finite numbers or known categories, naming the first ten.
        """
        encoded = self.filled(self.read_features(frame))
        refuse_cells(encoded.faults, frame, source)
        return encoded.values

    def unknown_elements(self, frame: pd.DataFrame) -> list[list[str]]:
        """Return for each row the elements of its formula that no training row holds."""
        if self.composition is None or not self.known_elements:
            return [[] for _ in range(len(frame))]
        read = read_compositions(frame, self.composition, self.abbreviations).compositions
        known = set(self.known_elements)
        return [sorted(each.elements - known) if each is not None else [] for each in read]

    def encode_targets(self, frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
        """Return the targets of ``frame``, shape (rows, targets), in physical units."""
        encoded = self.read_targets(frame)
        refuse_cells(encoded.faults, frame, source)
        return encoded.values

    def read_features(self, frame: pd.DataFrame) -> Encoded:
        """Return the model inputs of ``frame``, with the cells that cannot be taken; ``values`` is (rows, inputs)."""
        blocks: list[NDArray[np.float64]] = []
        faults: list[CellFault] = []
        uncertain = {}
        for feature in self.features:
            if feature in self.levels:
                category = read_categories(frame, feature, self.levels[feature])
                blocks.append(category.codes)
                faults += category.faults
                continue
            column = read_numbers(frame, feature, uncertain=self.uncertain == "value")
            blocks.append(column.values[:, None])
            faults += column.faults
            if column.uncertain:
                uncertain[feature] = column.uncertain
        if self.composition is not None:
            formulas = read_compositions(frame, self.composition, self.abbreviations)
            block, undefined = formulas.encoded(self.elements, self.descriptors)
            blocks.append(block)
            faults += [*formulas.faults, *undefined]
        values = np.concatenate(blocks, axis=1)
        return Encoded(values, np.broadcast_to(np.nan, values.shape), faults, uncertain)

    def read_targets(self, frame: pd.DataFrame) -> Encoded:
        """Return the targets of ``frame``, with the cells that cannot be taken; ``values`` is (rows, targets)."""
        read = {target: read_numbers(frame, target, uncertain=self.uncertain == "value") for target in self.targets}
        return Encoded(
            np.stack([column.values for column in read.values()], axis=1),
            np.stack([column.uncertainty for column in read.values()], axis=1),
            [fault for column in read.values() for fault in column.faults],
            {name: column.uncertain for name, column in read.items() if column.uncertain},
        )

    def filled(self, encoded: Encoded) -> Encoded:
        """Return the inputs with missing cells filled, if ``missing`` is ``impute``.

        A missing number gets the value of ``fill``; a missing category is none of the known ones, so that all inputs of
        the feature are 0. A formula has no median: without it a cell remains a fault.
        """
        if self.missing != "impute":
            return encoded
        values = encoded.values.copy()
        for place, name in enumerate(self.inputs):
            if name in self.fill:
                values[np.isnan(values[:, place]), place] = self.fill[name]
        remaining = [fault for fault in encoded.faults if not fault.missing or fault.column == self.composition]
        return Encoded(values, encoded.uncertainty, remaining, encoded.uncertain)

    def said_of_fill(self, encoded: Encoded, source: str) -> list[str]:
        """Return a line on the missing cells of the file ``source`` that ``filled`` fills, if there are any."""
        filled = [fault.column for fault in encoded.faults if fault.missing and fault.column != self.composition]
        if self.missing != "impute" or not filled:
            return []
        parts = [
            f"{filled.count(name)} of '{name}' {f'with {self.fill[name]:g}' if name in self.fill else 'as unknown'}"
            for name in dict.fromkeys(filled)
        ]
        return [
            f"{source}: missing values are filled, numbers with the median of the training table: {', '.join(parts)}"
        ]

    def label(self, name: str) -> str:
        """Return ``name`` with its unit, as an axis label; a name that already contains the unit stays as it is."""
        unit = self.units.get(name) or (UNITS.get(name) if name in self.descriptors else None)
        return f"{name} ({unit})" if unit and unit not in name else name

    def to_dict(self) -> dict[str, object]:
        """Return plain values; ``Columns(**values)`` rebuilds the same columns from them."""
        return asdict(self)
