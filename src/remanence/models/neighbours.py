"""Mean of the most similar rows: what a table that repeats its samples is predicted by, and hard to beat there."""

import numpy as np
from sklearn.neighbors import KNeighborsRegressor

from remanence.foundation.constraints import Count, Positive
from remanence.models.estimator import Estimator, Regressor, Values


class Neighbours(Estimator):
    """Mean of the nearest rows between z-scores, weighted by the inverse of their distance.

    The distance is the sum of absolute differences of the inputs. A row that was measured before is predicted by its
    measurements alone.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        n_neighbours: number of rows; fewer where there are fewer.
        clip: see ``Estimator``.
    """

    def __init__(
        self, *, n_features: int, n_targets: int = 1, n_neighbours: Count = 5, clip: Positive | None = 3.0
    ) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, n_neighbours=n_neighbours, clip=clip)

    def build(self) -> Regressor:
        """Return the unfitted regressor."""
        return KNeighborsRegressor(self.hparams["n_neighbours"], weights="distance", p=1, algorithm="brute")  # type: ignore[no-any-return]

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Keep the rows."""
        for regressor in self.regressors_:
            regressor.set_params(n_neighbors=min(self.hparams["n_neighbours"], len(x)))
        super().fit_scaled(x, y)

    def spread_scaled(self, x: Values) -> Values:
        """Return the standard deviation of the nearest rows (rows, n_targets), weighted alike."""
        return np.stack([_spread(regressor, x) for regressor in self.regressors_], axis=1)


def _spread(regressor: KNeighborsRegressor, x: Values) -> Values:
    distance, nearest = regressor.kneighbors(x)  # (rows, neighbours)
    with np.errstate(divide="ignore"):
        weights = 1 / distance
    same = np.isinf(weights).any(axis=1)
    weights[same] = np.isinf(weights[same])
    values = regressor._y[nearest]
    centred = values - np.average(values, axis=1, weights=weights)[:, None]
    spread: Values = np.sqrt(np.average(centred**2, axis=1, weights=weights))
    return spread
