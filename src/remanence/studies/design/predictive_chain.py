"""What a search asks of a fitted chain of scales."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.float64]


class PredictiveChain(Protocol):
    """A chain of scales: raw tables in, properties of all scales and their latents out, physical units."""

    @property
    def scales(self) -> Sequence[str]:
        """Finest first."""

    @property
    def targets(self) -> Mapping[str, Sequence[str]]:
        """Scale to its properties; a property's name belongs to one scale."""

    @property
    def raw_columns(self) -> Mapping[str, Sequence[str]]:
        """Scale to the columns that a user's table must hold for it."""

    @property
    def composition(self) -> str | None:
        """Raw column of formulas."""

    @property
    def levels(self) -> Mapping[str, Sequence[str]]:
        """Raw categorical column to its categories."""

    @property
    def units(self) -> Mapping[str, str]:
        """Column to its unit."""

    def predict(self, frame: pd.DataFrame, *, source: str = "input") -> Any:
        """Return ``<target>``, ``<target>_low`` and ``<target>_high`` of every scale whose raw columns are there."""

    def inputs(self, frame: pd.DataFrame, scale: str) -> Values:
        """Return the numeric inputs of a scale, its ancestors' among them, shape (rows, inputs)."""

    def input_names(self, scale: str) -> list[str]:
        """Return the names of these inputs."""

    def own_columns(self, scale: str) -> list[int]:
        """Return which of these inputs are the scale's own, in the order that ``decode`` gives them."""

    def embed(self, x: Values, scale: str) -> Values:
        """Return the latents of inputs (rows, inputs), shape (rows, latents)."""

    def decode(self, z: Values, scale: str) -> Values:
        """Return the scale's own inputs for latents (rows, latents)."""

    def head(self, z: Tensor, scale: str) -> Tensor:
        """Return the properties of the scale for latents (rows, latents), differentiable."""
