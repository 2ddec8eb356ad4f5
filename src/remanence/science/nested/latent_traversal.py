"""Straight walks along each latent, with the other latents at their medians, to be decoded."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def latent_axes(latents: Values, *, steps: int = 9, quantiles: tuple[float, float] = (0.05, 0.95)) -> Values:
    """Return points that move one latent between two quantiles while the others stay at their medians.

    Args:
        latents: latents of the rows, shape (rows, k).
        steps: number of points on each walk, equally spaced, both ends included.
        quantiles: quantiles of the latent at which a walk begins and ends. The outermost rows are left out, because a
            decoder has learnt little there.

    Returns:
        latents of all walks, shape (k, steps, k); the axes are the latent that moves, the point and the latents.

    Raises:
        ValueError: if ``latents`` is not a table of rows, or ``quantiles`` are not in order between 0 and 1.

    >>> latent_axes(np.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0]]), steps=3, quantiles=(0, 1)).tolist()
    [[[0.0, 6.0], [1.0, 6.0], [2.0, 6.0]], [[1.0, 5.0], [1.0, 6.0], [1.0, 7.0]]]
    """
    if latents.ndim != 2 or not len(latents):
        raise ValueError(f"Expected `latents` of shape (rows, k), but got {latents.shape}.")
    low, high = quantiles
    if not 0 <= low < high <= 1:
        raise ValueError(f"Expected `quantiles` in order between 0 and 1, but got {quantiles}.")
    k = latents.shape[1]
    ends = np.quantile(latents, [low, high], axis=0)  # (2, k)
    axes: Values = np.tile(np.median(latents, axis=0), (k, steps, 1))
    own = np.arange(k)
    axes[own, :, own] = np.linspace(ends[0], ends[1], steps, axis=1)
    return axes
