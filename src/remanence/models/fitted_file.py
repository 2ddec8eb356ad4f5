"""A fitted scikit-learn estimator as a file that runs no code when it is read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.foundation.damage import reading

FILE = "fitted.skops"
WEIGHTS = ("coef_", "intercept_", "dual_coef_", "alpha_", "mean_", "scale_")
"""Attributes of scikit-learn's estimators that predictions are computed from."""
PARTS = {"steps", "regressor_", "transformer_", "best_estimator_"}
"""Attributes that hold estimators inside an estimator."""


def write_fitted(learnt: Any, folder: Path) -> None:
    """Write a fitted estimator to ``fitted.skops`` in ``folder``."""
    import skops.io  # imported here: it takes a second, and networks do not need it

    skops.io.dump(learnt, folder / FILE)


def read_fitted(folder: Path, trusted: Sequence[str]) -> Any:
    """Read what ``write_fitted`` wrote.

    Args:
        folder: folder of ``fitted.skops``.
        trusted: classes beyond skops' own list that may be built; none of them may run code when it is built.

    Raises:
        ConfigurationError: if the weights of the estimator are not finite.
    """
    import skops.io

    path = folder / FILE
    with reading(path):
        learnt = skops.io.load(path, trusted=["numpy.dtype", *trusted])
    if not all(np.isfinite(values).all() for values in _weights(learnt)):
        raise ConfigurationError(f"{path}: what the model has learnt is not finite: the file is damaged")
    return learnt


def _weights(learnt: Any) -> Iterator[NDArray[Any]]:
    """Yield the weights of a fitted estimator, or of a list or pipeline of them; those of trees are not looked at."""
    if isinstance(learnt, list | tuple):
        for each in learnt:
            yield from _weights(each)
    elif isinstance(learnt, dict):
        yield from (value for value in learnt.values() if isinstance(value, np.ndarray) and value.dtype.kind == "f")
    else:
        attributes = getattr(learnt, "__dict__", {})
        yield from (attributes[name] for name in WEIGHTS if isinstance(attributes.get(name), np.ndarray))
        for name in PARTS & attributes.keys():
            yield from _weights(attributes[name])
