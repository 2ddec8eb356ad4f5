"""Models without a training loop: scikit-learn estimators behind ``fit`` and ``predict``."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from remanence.foundation.constraints import Positive
from remanence.models.fitted_file import read_fitted, write_fitted
from remanence.models.row_scaling import RowScaling
from remanence.models.row_weighing import weight_argument

Values = NDArray[np.float64]

CHUNK = 10_000
"""Number of rows whose spread is computed at once; hundreds of trees need 25 MB for them."""


class Regressor(Protocol):
    """Methods that a baseline needs of a regressor of scikit-learn, or of one with the same interface."""

    def fit(self, x: Values, y: Values, /, **weights: Any) -> Self:
        """Fit to inputs (rows, features) and one target (rows,), with the weights of the rows (rows,) if there are."""
        ...

    def predict(self, x: Values, /) -> Values:
        """Predict the target (rows,)."""
        ...

    def set_params(self, **parameters: Any) -> Self:
        """Replace the given constructor arguments."""
        ...


class Estimator(ABC):
    """A baseline on tables in physical units, with one independent regressor per target.

    The regressors work between the z-scores of the fitted rows, so that a change of units changes nothing.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        clip: largest absolute z-score of an input, beyond which it counts as this score; predictions then stay near the
            range of the fitted targets, see ``RowScaling``. None limits neither.
        **arguments: plain values that ``build`` needs; they are kept so that a saved model can be rebuilt.
    """

    kind = "table"
    trusted: ClassVar[Sequence[str]] = ()
    """Classes that the fitted regressors hold beyond skops' own list; none of them runs code when it is read."""

    def __init__(self, *, n_features: int, n_targets: int = 1, clip: Positive | None = None, **arguments: Any) -> None:
        limited = {} if clip is None else {"clip": clip}  # models of earlier releases have no such argument
        self.hparams = {"n_features": n_features, "n_targets": n_targets, **arguments, **limited}
        self.scaling_: RowScaling | None = None
        self._weights: Values | None = None
        self.regressors_: list[Regressor] = [self.build() for _ in range(n_targets)]

    @abstractmethod
    def build(self) -> Regressor:
        """Return an unfitted scikit-learn regressor of one target."""

    @property
    def requirements(self) -> list[str]:
        """Distributions that the model needs besides those that every model needs."""
        return []

    def fit(self, x: Values, y: Values, weights: Values | None = None) -> None:
        """Fit to inputs (rows, n_features) and targets (rows, n_targets).

        Args:
            x: inputs in physical units.
            y: targets in physical units.
            weights: weight of each row for each target, shape (rows, n_targets); regressors that cannot weigh rows, and
                searches for hyperparameters, take all rows alike.
        """
        scaling = RowScaling.of(x, y, clip=self.hparams.get("clip"))
        self._weights = weights
        self.fit_scaled(scaling.inputs(x), scaling.targets(y))
        self._weights = None
        self.scaling_ = scaling
        scaling.error = (y - self.predict(x)).std(axis=0)

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Fit to z-scores of inputs (rows, n_features) and targets (rows, n_targets)."""
        for column, regressor in enumerate(self.regressors_):
            self.fit_target(regressor, x, y, column)

    def fit_target(self, regressor: Regressor, x: Values, y: Values, column: int) -> Regressor:
        """Fit a regressor to one column of y (rows, n_targets), with the weights of the rows if it can weigh them."""
        argument = weight_argument(regressor)
        if self._weights is None or argument is None:
            return regressor.fit(x, y[:, column])
        return regressor.fit(x, y[:, column], **{argument: self._weights[:, column]})

    def predict(self, x: Values) -> Values:
        """Predict targets (rows, n_targets)."""
        if self.scaling_ is None:  # a stored model of an earlier release
            return self.predict_scaled(x)
        return self.scaling_.predictions(self.predict_scaled(self.scaling_.inputs(x)))

    def predict_scaled(self, x: Values) -> Values:
        """Predict the z-scores of targets (rows, n_targets) from those of inputs."""
        return np.stack([np.asarray(regressor.predict(x), dtype=np.float64) for regressor in self.regressors_], axis=1)

    def spread(self, x: Values) -> Values:
        """Return the standard deviation of the prediction of each row, shape (rows, n_targets), in the targets' units.

        A model that knows none of its own for a row has that of its errors on the fitted rows. It is NaN for a model
        that an earlier release has stored.
        """
        if self.scaling_ is None:
            return np.full((len(x), len(self.regressors_)), np.nan)
        z = self.scaling_.inputs(x)
        chunks = [self.spread_scaled(rows) for rows in np.split(z, range(CHUNK, len(z), CHUNK))]
        known = [chunk for chunk in chunks if chunk is not None]
        if not known:
            return np.tile(self.scaling_.error, (len(x), 1))
        return np.concatenate(known) * self.scaling_.target_spread

    def spread_scaled(self, x: Values) -> Values | None:
        """Return the spread (rows, n_targets) of predicted z-scores; None for a model that knows none for a row."""
        del x
        return None

    def write_fitted(self, folder: Path) -> None:
        """Write the fitted regressors and their scaling into a folder."""
        self.write_regressors(folder)
        if self.scaling_ is not None:
            self.scaling_.write(folder)

    def read_fitted(self, folder: Path) -> None:
        """Read what ``write_fitted`` wrote."""
        self.read_regressors(folder)
        self.scaling_ = RowScaling.read(folder)

    def write_regressors(self, folder: Path) -> None:
        """Write the fitted regressors into a folder."""
        write_fitted(self.regressors_, folder)

    def read_regressors(self, folder: Path) -> None:
        """Read what ``write_regressors`` wrote."""
        self.regressors_ = read_fitted(folder, self.trusted)
