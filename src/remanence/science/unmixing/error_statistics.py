"""Reconstruction errors by step, sign and pixel, and whether they follow the domain structure."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor

Values = NDArray[np.float64]
FOLDS = 5
NEIGHBOURS = 5


@dataclass(frozen=True)
class StepError:
    """Distribution over pixels of reconstructed minus measured values; every field has the shape (steps, channels)."""

    bias: Values
    """Mean error in the unit of the spectra, which is the error that all pixels have in common."""
    skew: Values
    """Third standardised moment; positive where a few pixels are reconstructed far too high, 0 for equal errors."""


def step_error(reconstructed: NDArray[Any], measured: NDArray[Any]) -> StepError:
    """Return the distribution of signed errors at each step of spectra (n, steps, channels).

    Source: the spectra paper, Fig. 2(m), where the errors of a linear model are Gaussian but offset from zero.

    >>> measured = np.zeros((4, 2, 1))
    >>> step_error(measured + [[1.0], [-2.0]], measured).bias.ravel().tolist()
    [1.0, -2.0]
    """
    error = _difference(reconstructed, measured)
    # equal errors have no skew, but scipy gives NaN or the skew of their rounding errors
    spread = np.ptp(error, axis=0) > 1e-12 * np.abs(error).max(axis=0)
    moments = np.zeros(error.shape[1:])
    moments[spread] = skew(error[:, spread], axis=0)
    return StepError(bias=error.mean(axis=0), skew=moments)


def pixel_mse(reconstructed: NDArray[Any], measured: NDArray[Any]) -> Values:
    """Return the mean squared error of each spectrum, shape (n,), for spectra (n, steps, channels)."""
    squared: Values = (_difference(reconstructed, measured) ** 2).mean(axis=(1, 2))
    return squared


def explained_by(
    error: NDArray[Any], structure: NDArray[Any], *, method: Literal["linear", "knn"] = "knn", seed: int = 0
) -> float:
    """Return the share of the variance of ``error`` that ``structure`` predicts at held-out pixels.

    The share is near 0 if the error is noise. It is near 1 if the error follows the domain structure, which means that
    the model lacks something that some domains have. It is negative if the prediction is worse than the mean.

    Args:
        error: one value per pixel, shape (n,). Pixels with a NaN here or in ``structure`` are left out.
        structure: known quantities of each pixel, shape (n, k): loop parameters, latents, one column per domain label.
        method: ``linear`` regression, or the mean of the 5 nearest pixels (``knn``) by the Euclidean distance of the
            unscaled columns; scale columns of different units before the call.
        seed: seed of the five folds.

    Raises:
        ValueError: if fewer than 10 pixels are left.

    Source: coefficient of determination of five-fold cross-validated predictions.

    >>> structure = np.linspace(0, 1, 50)[:, None]
    >>> round(explained_by(3 - 2 * structure[:, 0], structure, method="linear"), 6)
    1.0
    """
    known = np.isfinite(error) & np.isfinite(structure).all(axis=1)
    if known.sum() < 2 * FOLDS:
        raise ValueError(f"Expected at least {2 * FOLDS} pixels without NaN, but got {known.sum()} of {known.size}.")
    regressor = LinearRegression() if method == "linear" else KNeighborsRegressor(NEIGHBOURS)
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    return float(r2_score(error[known], cross_val_predict(regressor, structure[known], error[known], cv=folds)))


def _difference(reconstructed: NDArray[Any], measured: NDArray[Any]) -> Values:
    if np.shape(reconstructed) != np.shape(measured) or np.ndim(measured) != 3:
        raise ValueError(
            f"Expected `reconstructed` and `measured` of one shape (n, steps, channels), but got "
            f"{np.shape(reconstructed)} and {np.shape(measured)}."
        )
    return np.asarray(reconstructed, dtype=np.float64) - np.asarray(measured, dtype=np.float64)
