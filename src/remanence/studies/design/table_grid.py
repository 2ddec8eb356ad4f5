"""Search with the model of a table: a grid over ranges of its features."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from remanence.errors import ConfigurationError
from remanence.science.conditional_mean import conditional_mean
from remanence.science.extrapolation import extrapolation
from remanence.studies.design.predictive_table import PredictiveTable
from remanence.studies.design.verdicts import with_verdicts
from remanence.studies.design.wish import CONDITIONS, Wish, parse_wish

GRID = 41
"""Number of grid points along each searched feature."""
MAX_POINTS = 200_000


def search_table(model: PredictiveTable, trained: np.ndarray, *, target: str, over: str) -> pd.DataFrame:
    """Predict every composition of a grid and sort the compositions by how well they meet the target.

    Args:
        model: model of a table with numeric features.
        trained: features of the training rows, shape (rows, features).
        target: wanted value, such as ``d33>200``, ``eps_r<900``, ``d33=max`` or ``d33=min``.
        over: ranges of numeric features, such as ``x=0:0.25`` or ``x=0:0.25,lph_slope=20:50``. A feature without a
            range gets its mean over the nearest training rows, because the features of ceramics do not vary
            independently.

    Returns:
        the features, the prediction and its interval, ``meets``, and ``extrapolated`` as in ``science.extrapolation``.
        Compositions inside the data come first, then best first.

    Raises:
        ConfigurationError: for a target or feature that the model does not have.
    """
    columns = model.columns
    wish = parse_target(target, columns.targets)
    ranges = parse_ranges(over, [name for name in columns.features if name not in columns.levels])
    if columns.levels:
        raise ConfigurationError("design: the run has categorical features, which a grid does not cover")
    points = _grid(ranges, columns.features, trained)
    frame = pd.DataFrame(points, columns=columns.features)
    predicted: pd.DataFrame = model.predict(frame)
    scores = wish.score(predicted[wish.target].to_numpy())
    meets = np.where(scores > 0, "yes", "no") if wish.relation in CONDITIONS else "yes"
    _, outside = extrapolation(points, trained)
    table = with_verdicts(frame, predicted, {"meets": meets, "extrapolated": np.where(outside, "yes", "no")})
    best_first: pd.DataFrame = table.iloc[np.lexsort((-scores, outside))].reset_index(drop=True)
    return best_first


def parse_target(text: str, targets: Sequence[str]) -> Wish:
    """Read a target such as ``d33>200`` or ``d33=max``.

    >>> parse_target("d33 > 200", ["d33"]).value
    200.0
    """
    return parse_wish(text, targets, relations=(">", "max", "<", "min"))


def parse_ranges(text: str, features: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Read ranges such as ``x=0:0.25,lph_slope=20:50``.

    >>> parse_ranges("x=0:0.25", ["x", "lph_slope"])
    {'x': (0.0, 0.25)}
    """
    ranges = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*(.+?)\s*=\s*([-+.\deE]+)\s*:\s*([-+.\deE]+)\s*", part)
        try:
            name, low, high = found.group(1), float(found.group(2)), float(found.group(3))  # type: ignore[union-attr]
        except (AttributeError, ValueError):
            raise ConfigurationError(f"over: expected such as 'x=0:0.25', got '{part}'") from None
        if name not in features:
            raise ConfigurationError(f"over: the run's numeric features are {', '.join(features)}, not '{name}'")
        if not low < high:
            raise ConfigurationError(f"over: {name}={low:g}:{high:g} is empty; the first number must be the smaller")
        ranges[name] = (low, high)
    return ranges


def _grid(ranges: dict[str, tuple[float, float]], features: list[str], trained: np.ndarray) -> np.ndarray:
    """Return the grid points, shape (points, features)."""
    if GRID ** len(ranges) > MAX_POINTS:
        raise ConfigurationError(f"over: a grid over {len(ranges)} features is too large; name at most 3")
    axes = np.meshgrid(*(np.linspace(low, high, GRID) for low, high in ranges.values()), indexing="ij")
    searched = np.stack([axis.ravel() for axis in axes], axis=1)  # (points, ranges)
    index = [features.index(name) for name in ranges]
    return conditional_mean(trained, index, searched)
