"""The chain that MLflow loads: it maps raw compositions to the properties of every scale, with intervals."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.data.columns import Columns
from remanence.data.nested.compositions import FROM_COMPOSITION, add_descriptors
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.table_file import check_header
from remanence.foundation.damage import reading
from remanence.models.nested_ae import NestedAE
from remanence.models.stacked import select
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS
from remanence.studies.chain.fit import FittedChain
from remanence.studies.predictions import check_predicted, frame_of, interval_names
from remanence.tracking.saved_model import DESCRIPTION, load_model, save_model
from remanence.training.fitted import predict_with_half_width

Values = NDArray[np.float64]

FILE = "chain.json"
"""File in the folder of a chain that describes its scales; beside it, each scale has a folder of its own."""


@dataclass(frozen=True)
class ScaleMeaning:
    """Description of the inputs and outputs of one scale of a chain; all values are plain."""

    own: list[int]
    """Indices of the inputs that are the scale's own."""
    reference: int
    """Number of the member whose latents are shown; latents of different members cannot be compared."""
    composition: str | None
    solvent: str | None
    categories: dict[str, list[str]]
    """Known values of each raw column that is categorical."""


@dataclass(frozen=True)
class ChainMeaning:
    """Description of the scales of a chain; finer scales come first."""

    scales: dict[str, ScaleMeaning]

    @classmethod
    def of(cls, data: OpenedChain, fitted: FittedChain) -> "ChainMeaning":
        """Describe a chain and its fit."""
        scales = {}
        for name, on_scale in data.rows.items():
            table = data.tables[data.scales[name]["data"]]
            categories = dict(on_scale.columns.levels)
            if table.solvent is not None and set(on_scale.columns.features) & {*SOLVENT_DESCRIPTORS, table.solvent}:
                categories[table.solvent] = sorted(set(on_scale.frame[table.solvent]))
            scales[name] = ScaleMeaning(
                own=on_scale.layout["blocks"][name],
                reference=fitted.reference(name),
                composition=table.composition,
                solvent=table.solvent,
                categories=categories,
            )
        return cls(scales)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ChainMeaning":
        """Return the description that ``to_dict`` turned into plain values."""
        return cls({name: ScaleMeaning(**scale) for name, scale in values["scales"].items()})


class ChainModel:
    """Fitted scales and the meaning of their columns.

    Args:
        models: fitted model of each scale: an ensemble, or an ensemble blended with a Gaussian process.
        columns: inputs and targets of each scale.
        meaning: description of the chain.
    """

    def __init__(self, models: Mapping[str, Any], columns: Mapping[str, Columns], meaning: ChainMeaning) -> None:
        self.models, self.columns, self.meaning = dict(models), dict(columns), meaning
        self.scales = list(meaning.scales)
        self._references: dict[str, NestedAE] = {}
        self.targets = {name: columns[name].targets for name in self.scales}
        self.raw_columns = {name: self._raw_columns(name) for name in self.scales}
        self.composition = next((s.composition for s in meaning.scales.values() if s.composition), None)
        self.levels = {
            column: values for scale in meaning.scales.values() for column, values in scale.categories.items()
        }
        self.units = {column: unit for scale in columns.values() for column, unit in scale.units.items()}

    @classmethod
    def load(cls, folder: Path) -> "ChainModel":
        """Load a chain from a folder that ``save`` wrote."""
        with reading(folder / FILE):
            meaning = ChainMeaning.from_dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
        models: dict[str, Any] = {}
        columns: dict[str, Columns] = {}
        for name in meaning.scales:
            models[name], description = load_model(folder / name)
            with reading(folder / name / DESCRIPTION):
                columns[name] = Columns(**description["columns"])
        with reading(folder / FILE):
            return cls(models, columns, meaning)

    def save(self, folder: Path) -> None:
        """Write one folder for each scale, and the file that describes the chain."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, model in self.models.items():
            save_model(model, folder / name, columns=self.columns[name].to_dict())
        (folder / FILE).write_text(json.dumps(self.meaning.to_dict(), indent=2) + "\n", encoding="utf-8")

    def predict(self, given: Any, params: dict[str, Any] | None = None, *, source: str = "input") -> Any:
        """Return the properties of every scale whose raw columns are given, with the ends of their intervals.

        Raises:
            DataError: if no scale can be predicted, naming the missing columns; for a bad cell, naming row and column.
        """
        frame = frame_of(given)
        known = [name for name in self.scales if set(self.raw_columns[name]) <= set(frame.columns)]
        if not known:
            check_header(list(frame.columns), self.raw_columns[self.scales[0]], source)
        predicted = {}
        ends = interval_names([target for scale in self.scales for target in self.targets[scale]])
        for name in known:
            x = self.inputs(frame, name, source=source)
            values, widths = predict_with_half_width(self.models[name], x)
            check_predicted(values, self.targets[name], frame, source)
            for shown, value, width in zip(self.targets[name], values.T, widths.T, strict=True):
                predicted[shown] = value
                if not np.isnan(width).all():
                    low, high = ends[shown]
                    predicted[low], predicted[high] = value - width, value + width
        return pd.DataFrame(predicted, index=frame.index)

    def inputs(self, frame: pd.DataFrame, scale: str, *, source: str = "input") -> Values:
        """Return the encoded inputs of a scale, including those of its finer scales, shape (rows, inputs)."""
        meaning = self.meaning.scales[scale]
        check_header(list(frame.columns), self.raw_columns[scale], source)
        used = {column: column in self.raw_columns[scale] for column in (meaning.composition, meaning.solvent)}
        full = add_descriptors(
            frame,
            source,
            composition=meaning.composition if used.get(meaning.composition) else None,
            solvent=meaning.solvent if used.get(meaning.solvent) else None,
        )
        return self.columns[scale].encode(full, source)

    def input_names(self, scale: str) -> list[str]:
        """Return the names of the columns of ``inputs``."""
        return self.columns[scale].inputs

    def own_columns(self, scale: str) -> list[int]:
        """Return which columns of ``inputs`` are the scale's own, in the order of the columns of ``decode``."""
        return self.meaning.scales[scale].own

    @torch.no_grad()
    def embed(self, x: Values, scale: str) -> Values:
        """Return the latents (rows, latents) that a scale encodes inputs (rows, inputs) to."""
        latents: Values = self.reference(scale).encode(torch.as_tensor(x).float()[None])[0].double().numpy()
        return latents

    @torch.no_grad()
    def decode(self, z: Values, scale: str) -> Values:
        """Return the scale's own inputs (rows, own), decoded from latents (rows, latents), in physical units."""
        own: Values = self.reference(scale).last.decode(torch.as_tensor(z).float()[None])[0].double().numpy()
        return own

    def head(self, z: Tensor, scale: str) -> Tensor:
        """Return the properties (rows, targets) predicted from latents (rows, latents), differentiable."""
        return self.reference(scale).last.properties(z.float()[None])[0]

    def reference(self, scale: str) -> NestedAE:
        """Return the member whose latents are shown, as a stack with one member."""
        if scale not in self._references:  # kept, because a search asks often and taking it out copies the stack
            ensemble = getattr(self.models[scale], "ensemble", self.models[scale])
            chosen = select(ensemble.members, [self.meaning.scales[scale].reference])
            self._references[scale] = chosen.requires_grad_(False)
        return self._references[scale]

    def _raw_columns(self, scale: str) -> list[str]:
        meaning = self.meaning.scales[scale]
        raw = []
        for feature in self.columns[scale].features:
            if meaning.composition is not None and feature in FROM_COMPOSITION:
                raw.append(meaning.composition)
            elif meaning.solvent is not None and feature in SOLVENT_DESCRIPTORS:
                raw.append(meaning.solvent)
            else:
                raw.append(feature)
        return list(dict.fromkeys(raw))
