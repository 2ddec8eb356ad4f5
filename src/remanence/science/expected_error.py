"""How large the error of a prediction is expected to be, from what is known before the measurement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Values = NDArray[np.float64]

FLOOR = 0.1
"""Least spread that counts, as a share of the target's standard deviation: models may agree by chance, and be wrong."""
PRIOR = 2.0
"""Precision of the prior of the slopes, in rows."""
BEFORE = np.array([0.0, 0.0, 0.0, 1.0])
"""Slopes that are expected before there are rows: inside the training rows all errors are equally large, and one range
of an input further out they are twice as large."""
LEAST = (0.0, None, 0.0, 0.25)
"""Least slopes: neither spread, nor distance, nor excess makes an error smaller, and excess always makes it larger."""


@dataclass(frozen=True)
class ExpectedError:
    """Expected size of an error, exp(a + b·ln spread + c·prediction + d·ln(1 + distance) + e·ln(1 + excess)).

    The five numbers are those under which the sizes of the held-out errors are most likely (Laplace distribution, with
    a normal prior). All values are plain, so that they are stored with a model; prediction and spread are in standard
    deviations of the target, so that no unit matters.
    """

    centre: float
    """Mean of the target, in its unit."""
    scale: float
    """Standard deviation of the target, in its unit."""
    intercept: float
    slopes: tuple[float, float, float, float]
    """Slopes of ln spread, prediction, ln(1 + distance) and ln(1 + excess)."""
    predictions: tuple[float, float]
    """Range of the predictions that were fitted, in standard deviations; the next one is taken beyond."""
    distances: tuple[float, float]
    """Range of the distances that were fitted; the next one is taken beyond, where the excess takes over."""

    @classmethod
    def fit(
        cls, errors: Values, predicted: Values, distance: Values, excess: Values, spread: Values | None = None
    ) -> Self:
        """Learn from rows that were held out, at least one.

        Args:
            errors: measured minus predicted values, shape (rows,).
            predicted: predictions, shape (rows,).
            distance: distance of each row to the nearest row that its model was trained on, shape (rows,).
            excess: how far each row is outside those rows, see ``Whereabouts``, shape (rows,).
            spread: standard deviation of each prediction, by a model that was not trained on the row, shape (rows,), in
                the unit of the target; None if the model has none.
        """
        measured, sizes = predicted + errors, np.abs(errors)
        scale = float(measured.std()) or float(sizes.mean()) or 1.0
        centre = float(measured.mean())
        untrained = cls(
            centre=centre,
            scale=scale,
            intercept=0.0,
            slopes=(0.0, 0.0, 0.0, 1.0),
            predictions=_range((predicted - centre) / scale),
            distances=_range(distance),
        )
        mean = float(sizes.mean()) / scale
        if mean == 0:
            return untrained
        features = untrained._features(predicted, distance, excess, spread)  # (rows, 4)
        relative, weight = sizes / scale / mean, PRIOR / len(sizes)

        def loss(values: Values) -> tuple[float, Values]:
            expected = values[0] + features @ values[1:]
            surplus = 1 - relative * np.exp(-expected)
            away = values[1:] - BEFORE
            slope = np.concatenate([[surplus.mean()], features.T @ surplus / len(surplus) + 2 * weight * away])
            return float((expected + 1 - surplus).mean() + weight * away @ away), slope

        start = np.concatenate([[-float((features @ BEFORE).mean())], BEFORE])
        bounds = [(None, None), *((least, None) for least in LEAST)]
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
        return replace(
            untrained, intercept=found[0] + float(np.log(mean)), slopes=(found[1], found[2], found[3], found[4])
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what ``dataclasses.asdict`` turned into plain values."""
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**plain)

    def of(self, predicted: Values, distance: Values, excess: Values, spread: Values | None = None) -> Values:
        """Return the expected size of the error of each prediction, shape (rows,), in the unit of the target.

        Args:
            predicted: predictions, shape (rows,).
            distance: distance to the nearest training row, shape (rows,).
            excess: how far outside the training rows a row is, see ``Whereabouts``, shape (rows,).
            spread: standard deviation of each prediction, shape (rows,); None if the model has none.
        """
        features = self._features(predicted, distance, excess, spread)
        expected: Values = self.scale * np.exp(self.intercept + features @ np.array(self.slopes))
        return expected

    def _features(self, predicted: Values, distance: Values, excess: Values, spread: Values | None) -> Values:
        own = np.zeros(len(predicted)) if spread is None else np.log(np.hypot(spread / self.scale, FLOOR))
        relative = np.clip((predicted - self.centre) / self.scale, *self.predictions)
        return np.stack([own, relative, np.log1p(np.clip(distance, *self.distances)), np.log1p(excess)], axis=1)


def _range(values: Values) -> tuple[float, float]:
    return float(values.min()), float(values.max())
