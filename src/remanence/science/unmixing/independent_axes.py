"""Axes along which latents are as independent of each other as can be found."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

MOST_ITERATIONS = 1000


def independent_axes(latents: NDArray[Any], *, turned: NDArray[np.bool_], seed: int = 0) -> NDArray[np.float64]:
    """Return the matrix A with which the columns of ``latents @ A`` are independent, by ICA, of standard deviation 1.

    Each new latent takes the place and the sign of the one that it resembles most. Latents that are not turned keep
    their column of the identity.

    Args:
        latents: latents of real spectra, shape (n, latents).
        turned: which latents are turned among each other, shape (latents,).
        seed: seed of the axes to begin with.

    Returns:
        an invertible matrix, shape (latents, latents); the identity if fewer than two latents are turned.

    Source: Hyvärinen, Oja, Independent component analysis: algorithms and applications, 2000, through scikit-learn.

    >>> independent_axes(np.eye(3), turned=np.array([True, False, False])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    z, among = np.asarray(latents, dtype=np.float64), np.flatnonzero(turned)
    axes = np.eye(z.shape[1])
    if len(among) < 2:
        return axes
    ica = FastICA(whiten="unit-variance", whiten_solver="svd", max_iter=MOST_ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Gaussian latents have no other axes
        ica.fit(z[:, among])
    found = ica.components_.T  # (turned, turned): a column for each new latent
    alike = found * z[:, among].std(axis=0)[:, None]
    old, new = linear_sum_assignment(-np.abs(alike))
    axes[np.ix_(among, among)] = found[:, new] * np.sign(alike[old, new])
    return axes
