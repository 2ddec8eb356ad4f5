"""The additive model: what each factor, such as composition and solvent, adds to the mean, without interactions."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from remanence.errors import DamagedFile
from remanence.foundation.damage import reading
from remanence.models.estimator import Estimator, Regressor, Values
from remanence.science.additive_effects import Factor, additive_effects

FILE = "effects.json"
PARTS = ("slopes", "levels", "deviations")


class Effects:
    """Sum of the effects of factors on one target, between z-scores.

    Args:
        factors: inputs of each factor.
    """

    def __init__(self, factors: Sequence[Sequence[int]]) -> None:
        self.factors = factors
        self.mean_ = 0.0
        self.effects_: list[Factor] = []

    def fit(self, x: Values, y: Values, /, **weights: Any) -> Self:
        """Fit to inputs (rows, features) and one target (rows,), all rows alike."""
        del weights
        self.mean_, self.effects_ = additive_effects(x, y, self.factors)
        return self

    def predict(self, x: Values, /) -> Values:
        """Predict the target (rows,)."""
        total = np.full(len(x), self.mean_)
        for effect in self.effects_:
            total += effect.of(x)
        return total

    def set_params(self, **parameters: Any) -> Self:
        """Replace the given constructor arguments."""
        self.factors = parameters.get("factors", self.factors)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        effects = [
            {"columns": effect.columns} | {part: getattr(effect, part).tolist() for part in PARTS}
            for effect in self.effects_
        ]
        return {"mean": self.mean_, "effects": effects}

    def read(self, stored: dict[str, Any]) -> bool:
        """Take what ``to_dict`` turned into plain values, and return whether all of it is finite."""
        self.mean_ = float(stored["mean"])
        self.effects_ = [
            Factor([int(column) for column in each["columns"]], *(np.array(each[part], dtype=float) for part in PARTS))
            for each in stored["effects"]
        ]
        return bool(
            np.isfinite(self.mean_)
            and all(np.isfinite(getattr(each, part)).all() for each in self.effects_ for part in PARTS)
        )


class Additive(Estimator):
    """Sum of the effects of factors, each linear in its inputs with a deviation of every level that was seen.

    All effects are shrunk as far as the rows ask for, see ``science.additive_effects``. In a chain, the factors are the
    composition, the solvent, and each further input with all columns that encode it; where the composition is the only
    one, they are its sites.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        factors: inputs of each factor; None makes each input a factor of its own.
    """

    def __init__(self, *, n_features: int, n_targets: int = 1, factors: Sequence[Sequence[int]] | None = None) -> None:
        given = [[column] for column in range(n_features)] if factors is None else [list(each) for each in factors]
        super().__init__(n_features=n_features, n_targets=n_targets, factors=given)

    def build(self) -> Regressor:
        """Return the unfitted effects."""
        return Effects(self.hparams["factors"])

    def write_regressors(self, folder: Path) -> None:
        """Write the effects on each target as ``effects.json``."""
        plain = [regressor.to_dict() for regressor in self.regressors_ if isinstance(regressor, Effects)]
        (folder / FILE).write_text(json.dumps(plain) + "\n", encoding="utf-8")

    def read_regressors(self, folder: Path) -> None:
        """Read what ``write_regressors`` wrote.

        Raises:
            DamagedFile: if a value is missing or not finite.
        """
        path = folder / FILE
        finite = True
        with reading(path):
            stored = json.loads(path.read_text(encoding="utf-8"))
            for regressor, effects in zip(self.regressors_, stored, strict=True):
                assert isinstance(regressor, Effects)
                finite = regressor.read(effects) and finite
        if not finite:
            raise DamagedFile(path, "a value is not finite")
