"""Drawing new inputs around the measured inputs, as the piezoceramics paper does before a second training."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["noise", "normal"]


def standardise_by_group(
    x: NDArray[np.float64], groups: NDArray[np.str_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of the group of each row, both in the shape of ``x`` (rows, inputs).

    A column that is constant within a group has a standard deviation of 0 there, so that noise does not vary it.
    """
    mean, deviation = np.empty_like(x), np.empty_like(x)
    for name in np.unique(groups):
        own = groups == name
        mean[own], deviation[own] = x[own].mean(axis=0), x[own].std(axis=0)
    return mean, deviation


def augment(
    x: NDArray[np.float64],
    groups: NDArray[np.str_],
    *,
    kind: Kind,
    n_augmented: int,
    sigma: float = 0.05,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Draw new inputs.

    Args:
        x: measured inputs, shape (rows, inputs).
        groups: process or dopant of each row; z-scores are taken within a group.
        kind: ``noise`` adds Gaussian noise to the z-scores of randomly chosen rows. ``normal`` draws from a normal
            distribution that is fitted to the group of each chosen row, with the correlations between inputs.
        n_augmented: number of rows to draw.
        sigma: standard deviation of the noise, in z-scores.
        seed: seed of the drawn rows.

    Returns:
        new inputs (n_augmented, inputs), and for each the index of the chosen row (n_augmented,). ``noise`` draws
        around this row, ``normal`` from the group of this row.

    Source: the piezoceramics paper, Data processing, steps I to III.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(x), size=n_augmented)
    if kind == "noise":
        _, deviation = standardise_by_group(x, groups)
        return x[chosen] + sigma * rng.standard_normal((n_augmented, x.shape[1])) * deviation[chosen], chosen
    drawn = np.empty((n_augmented, x.shape[1]))
    for name in np.unique(groups):
        own, wanted = x[groups == name], groups[chosen] == name
        covariance = np.atleast_2d(np.cov(own, rowvar=False)) if len(own) > 1 else np.zeros((x.shape[1],) * 2)
        drawn[wanted] = rng.multivariate_normal(own.mean(axis=0), covariance, size=int(wanted.sum()))
    return drawn, chosen
