"""The methods of a fitted chain of scales that a search calls."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.float64]


class PredictiveChain(Protocol):
    """A chain that maps raw tables to the properties and latents of all its scales; properties in physical units."""

    @property
    def scales(self) -> Sequence[str]:
        """Names of the scales, finest first."""

    @property
    def targets(self) -> Mapping[str, Sequence[str]]:
        """Names of the properties of each scale; no two scales share a name."""

    @property
    def raw_columns(self) -> Mapping[str, Sequence[str]]:
        """For each scale, the columns that a user's table must have."""

    @property
    def composition(self) -> str | None:
        """Raw column of formulas; None if the chain has no compositions."""

    @property
    def levels(self) -> Mapping[str, Sequence[str]]:
        """Categories of each raw categorical column."""

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of each column that has one."""

    def predict(self, frame: pd.DataFrame, *, source: str = "input") -> Any:
        """Return ``<target>``, ``<target>_low`` and ``<target>_high`` of every scale whose raw columns are given."""

    def inputs(self, frame: pd.DataFrame, scale: str) -> Values:
        """Return the numeric inputs of a scale, including those of its ancestors, shape (rows, inputs)."""

    def input_names(self, scale: str) -> list[str]:
        """Return the names of the columns of ``inputs``."""

    def own_columns(self, scale: str) -> list[int]:
        """Return which columns of ``inputs`` are the scale's own, in the order of the columns of ``decode``."""

    def embed(self, x: Values, scale: str) -> Values:
        """Return the latents (rows, latents) that a scale encodes inputs (rows, inputs) to."""

    def decode(self, z: Values, scale: str) -> Values:
        """Return the scale's own inputs (rows, own), decoded from latents (rows, latents)."""

    def head(self, z: Tensor, scale: str) -> Tensor:
        """Return the properties predicted from latents (rows, latents); the result is differentiable."""
