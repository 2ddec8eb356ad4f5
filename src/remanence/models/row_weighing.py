"""Which models can weigh rows, and how a regressor of scikit-learn is told the weights."""

import inspect
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter


def weight_argument(regressor: Any) -> str | None:
    """Return the argument of ``fit`` that takes the weights of the rows; None if there is none.

    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> weight_argument(make_pipeline(LinearRegression()))
    'linearregression__sample_weight'
    """
    if isinstance(regressor, TransformedTargetRegressor):
        return weight_argument(regressor.regressor)
    if isinstance(regressor, Pipeline):
        name, last = regressor.steps[-1]
        return f"{name}__sample_weight" if has_fit_parameter(last, "sample_weight") else None
    return "sample_weight" if has_fit_parameter(regressor, "sample_weight") else None


def weighs_rows(model: Any) -> bool:
    """Return whether the ``fit`` of an estimator takes ``weights``, as those of the package do."""
    return "weights" in inspect.signature(model.fit).parameters


def takes_weighed_batches(network: Any) -> bool:
    """Return whether the steps of a network take the weights of rows as third part of a batch.

    The class that defines a step says so by ``weighs_rows = True``; one that inherits this, with steps of its own, is
    not asked to know.
    """
    for step in ("training_step", "validation_step"):
        owner = next(cls for cls in type(network).__mro__ if step in vars(cls))
        if not vars(owner).get("weighs_rows", False):
            return False
    return True
