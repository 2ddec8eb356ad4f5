"""Correlations of latents with properties, and the plane in which latents vary most."""

import numpy as np
from numpy.typing import NDArray

from remanence.science.deviations import deviations

Values = NDArray[np.float64]


def correlations(latents: Values, properties: Values) -> Values:
    """Return Pearson's r of every latent with every property.

    Args:
        latents: latents of the rows, shape (rows, k).
        properties: properties of the rows, shape (rows, p). NaN marks a value that was not measured; the correlations
            of this property then use the other rows.

    Returns:
        correlations, shape (k, p), from −1 to 1; 0 where the latent or the property is constant over the rows.

    Raises:
        ValueError: if ``latents`` and ``properties`` do not have the same rows.

    >>> z = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    >>> correlations(z, np.array([[5.0], [3.0], [1.0]])).round(6).tolist()
    [[-1.0], [0.0]]
    """
    if latents.ndim != 2 or properties.ndim != 2 or len(latents) != len(properties):
        raise ValueError(
            f"Expected `latents` and `properties` with the same rows, but got {latents.shape} and {properties.shape}."
        )
    r: Values = np.zeros((latents.shape[1], properties.shape[1]))
    for column, values in enumerate(properties.T):
        measured = np.isfinite(values)
        if measured.sum() > 1:
            r[:, column] = _standardised(values[measured]) @ _standardised(latents[measured]) / measured.sum()
    return r.clip(-1, 1)  # rounding may exceed ±1


def principal_plane(latents: Values) -> tuple[Values, Values]:
    """Return the latents in the plane of their two largest principal components.

    Args:
        latents: latents of the rows, shape (rows, k).

    Returns:
        points (rows, 2), centred, in the unit of the latents; and the share of the variance along each axis (2,). The
        second axis is 0 for a single latent. Each axis points in the direction in which its largest loading is
        positive.

    Raises:
        ValueError: if ``latents`` is not a table of rows.
    """
    if latents.ndim != 2 or not latents.size:
        raise ValueError(f"Expected `latents` of shape (rows, k), but got {latents.shape}.")
    centred = latents - latents.mean(axis=0)
    _, spread, loadings = np.linalg.svd(centred, full_matrices=False)
    largest = np.take_along_axis(loadings, np.abs(loadings).argmax(axis=1)[:, None], axis=1)
    points, shares = np.zeros((len(latents), 2)), np.zeros(2)
    axes = min(2, len(spread))
    points[:, :axes] = centred @ (loadings * np.where(largest < 0, -1, 1))[:axes].T
    if spread.any():
        shares[:axes] = spread[:axes] ** 2 / (spread**2).sum()
    return points, shares


def _standardised(values: Values) -> Values:
    """Return z-scores of every column; a constant column gets 0."""
    deviation = deviations(values)
    constant = deviation == 0
    scores: Values = np.where(constant, 0.0, (values - values.mean(axis=0)) / np.where(constant, 1.0, deviation))
    return scores
