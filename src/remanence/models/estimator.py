"""Models without a training loop: scikit-learn estimators behind ``fit`` and ``predict``."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from remanence.models.fitted_file import read_fitted, write_fitted


class Regressor(Protocol):
    """Methods that a baseline needs of a regressor of scikit-learn, or of one with the same interface."""

    def fit(self, x: NDArray[np.float64], y: NDArray[np.float64], /) -> Self:
        """Fit to inputs (rows, features) and one target (rows,)."""
        ...

    def predict(self, x: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Predict the target (rows,)."""
        ...

    def set_params(self, **parameters: Any) -> Self:
        """Replace the given constructor arguments."""
        ...


class Estimator(ABC):
    """A baseline on tables in physical units, with one independent regressor per target.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        **arguments: plain values that ``build`` needs; they are kept so that a saved model can be rebuilt.
    """

    kind = "table"
    trusted: ClassVar[Sequence[str]] = ()
    """Classes that the fitted regressors hold beyond skops' own list; none of them runs code when it is read."""

    def __init__(self, *, n_features: int, n_targets: int = 1, **arguments: Any) -> None:
        self.hparams = {"n_features": n_features, "n_targets": n_targets, **arguments}
        self.regressors_: list[Regressor] = [self.build() for _ in range(n_targets)]

    @abstractmethod
    def build(self) -> Regressor:
        """Return an unfitted scikit-learn regressor of one target, with the scaling that it needs."""

    @property
    def requirements(self) -> list[str]:
        """Distributions that the model needs besides those that every model needs."""
        return []

    def fit(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit to inputs (rows, n_features) and targets (rows, n_targets)."""
        for regressor, target in zip(self.regressors_, y.T, strict=True):
            regressor.fit(x, target)

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict targets (rows, n_targets)."""
        return np.stack([np.asarray(regressor.predict(x), dtype=np.float64) for regressor in self.regressors_], axis=1)

    def write_fitted(self, folder: Path) -> None:
        """Write the fitted regressors into a folder."""
        write_fitted(self.regressors_, folder)

    def read_fitted(self, folder: Path) -> None:
        """Read what ``write_fitted`` wrote."""
        self.regressors_ = read_fitted(folder, self.trusted)
