"""The z-scores between which an estimator works, so that its predictions do not depend on units.

scikit-learn's trees and least squares compare with absolute tolerances: a target of 1e-12 m/V or a feature of 1e-9 is
constant to them, without a warning.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from remanence.errors import DamagedFile
from remanence.foundation.damage import reading
from remanence.science.deviations import deviations

Values = NDArray[np.float64]

FILE = "scaling.json"
REACH = 0.5
"""Share of the range of the fitted targets by which a clipped prediction may leave this range."""
PARTS = ("centre", "spread", "target_centre", "target_spread", "low", "high", "error")


@dataclass
class RowScaling:
    """Mean and standard deviation of every input and target, and the limits of inputs and predictions.

    Args:
        clip: largest absolute z-score of an input; predictions then stay within the range of the fitted targets, which
            is widened by ``REACH`` of itself on both sides. None limits neither.
        centre: mean of each input, shape (inputs,).
        spread: standard deviation of each input, 1 for a constant input, shape (inputs,).
        target_centre: mean of each target, shape (targets,).
        target_spread: standard deviation of each target, 1 for a constant target, shape (targets,).
        low: lowest prediction of each target in its own unit, shape (targets,).
        high: highest prediction of each target in its own unit, shape (targets,).
        error: standard deviation of the errors on the fitted rows in the target's unit, shape (targets,).
    """

    clip: float | None
    centre: Values
    spread: Values
    target_centre: Values
    target_spread: Values
    low: Values
    high: Values
    error: Values

    @classmethod
    def of(cls, x: Values, y: Values, *, clip: float | None) -> Self:
        """Return the scaling of inputs x (rows, inputs) and targets y (rows, targets)."""
        (centre, spread), (target_centre, target_spread) = _moments(x), _moments(y)
        low, high = y.min(axis=0), y.max(axis=0)
        reach = REACH * (high - low)
        unknown = np.full(y.shape[1], np.nan)
        return cls(clip, centre, spread, target_centre, target_spread, low - reach, high + reach, unknown)

    def inputs(self, x: Values) -> Values:
        """Return the z-scores (rows, inputs) of inputs."""
        z: Values = (x - self.centre) / self.spread
        return z if self.clip is None else z.clip(-self.clip, self.clip)

    def targets(self, y: Values) -> Values:
        """Return the z-scores (rows, targets) of targets."""
        z: Values = (y - self.target_centre) / self.target_spread
        return z

    def predictions(self, z: Values) -> Values:
        """Return predictions (rows, targets) in the targets' units."""
        y: Values = z * self.target_spread + self.target_centre
        return y if self.clip is None else y.clip(self.low, self.high)

    def write(self, folder: Path) -> None:
        """Write the scaling into a folder."""
        plain: dict[str, Any] = {name: getattr(self, name).tolist() for name in PARTS}
        (folder / FILE).write_text(json.dumps({"clip": self.clip, **plain}) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return what ``write`` wrote; None for a model of an earlier release, which knows no scaling.

        Raises:
            DamagedFile: if a value is missing or not finite.
        """
        path = folder / FILE
        if not path.exists():
            return None
        with reading(path):
            stored = json.loads(path.read_text(encoding="utf-8"))
            scaling = cls(stored["clip"], *(np.asarray(stored[name], dtype=np.float64) for name in PARTS))
        if not all(np.isfinite(getattr(scaling, name)).all() for name in PARTS):
            raise DamagedFile(path, "a value is not finite")
        return scaling


def rounded(z: Values) -> Values:
    """Return z-scores without their last digits, which depend on units and decide between equally good splits of trees.

    The trees of scikit-learn and XGBoost round their inputs in the same way.
    """
    return z.astype(np.float32).astype(np.float64)


def _moments(values: Values) -> tuple[Values, Values]:
    """Return mean and standard deviation of each column, 1 where a column is constant within rounding."""
    columns = np.asfortranarray(values)  # sums of a column then do not depend on the number of columns
    spread = deviations(columns)
    return columns.mean(axis=0), np.where(spread > 0, spread, 1.0)
