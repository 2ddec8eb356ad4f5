"""The meaning of a table's columns: which are inputs, which are targets, and how a category becomes numbers."""

from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import categories, numbers


@dataclass(frozen=True)
class Columns:
    """Names of a model's inputs and outputs; they are saved with the logged model, so all values are plain."""

    features: list[str]
    targets: list[str]
    levels: dict[str, list[str]] = field(default_factory=dict)
    """Known values of each categorical feature, in the order of its one-hot columns."""
    units: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> list[str]:
        """Names of the encoded inputs: a numeric feature gives one input, a categorical feature one per level."""
        return [name for feature in self.features for name in self.encoded(feature)]

    def encoded(self, feature: str) -> list[str]:
        """Return the names of the inputs that ``feature`` is encoded as."""
        return [f"{feature}={level}" for level in self.levels[feature]] if feature in self.levels else [feature]

    def encode(self, frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
        """Turn the feature columns of ``frame`` into model inputs, shape (rows, inputs), in physical units.

        Args:
            frame: cells as read; columns that are not features are ignored.
            source: name of the file, for error messages.

        Raises:
            DataError: if a cell is not a finite number, or not a known category.
        """
        blocks = [
            categories(frame, feature, self.levels[feature], source)
            if feature in self.levels
            else numbers(frame, feature, source)[:, None]
            for feature in self.features
        ]
        return np.concatenate(blocks, axis=1)

    def encode_targets(self, frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
        """Return the targets of ``frame``, shape (rows, targets), in physical units."""
        return np.stack([numbers(frame, target, source) for target in self.targets], axis=1)

    def label(self, name: str) -> str:
        """Return ``name`` with its unit, as an axis label; a name that already contains the unit stays as it is."""
        unit = self.units.get(name)
        return f"{name} ({unit})" if unit and unit not in name else name

    def to_dict(self) -> dict[str, object]:
        """Return plain values; ``Columns(**values)`` rebuilds the same columns from them."""
        return asdict(self)
