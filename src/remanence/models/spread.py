"""The predictions of a model of a table together with their standard deviations, where it knows some."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def spread_of(model: Any, x: Values) -> Values | None:
    """Return the standard deviation of each prediction of a model, shape (rows, targets); None if it knows none.

    Args:
        model: fitted model; where it has a method ``spread``, that has the same argument and the same result.
        x: inputs, shape (rows, inputs).
    """
    spread: Values | None = model.spread(x) if hasattr(model, "spread") else None
    return spread


def predict_with_spread(model: Any, x: Values) -> tuple[Values, Values | None]:
    """Return predictions of a model and their standard deviations, both of shape (rows, targets).

    A model that has a method ``predict_with_spread`` computes both at once; others have ``predict``, and ``spread`` if
    they know standard deviations.

    Args:
        model: fitted model.
        x: inputs, shape (rows, inputs).

    Returns:
        both in the units of the targets; None for the standard deviations of a model that knows none.
    """
    if hasattr(model, "predict_with_spread"):
        predicted, spread = model.predict_with_spread(x)
        return predicted, spread
    return model.predict(x), spread_of(model, x)
