"""Straight walks along each latent through the middle of the others, to be decoded."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def latent_axes(latents: Values, *, steps: int = 9, quantiles: tuple[float, float] = (0.05, 0.95)) -> Values:
    """Return points that move one latent between two quantiles while the others stay at their medians.

    Args:
        latents: shape (rows, k).
        steps: points on each walk, equally spaced, both ends included.
        quantiles: where a walk begins and ends; the outermost rows are left out, as decoders know little there.

    Returns:
        shape (k, steps, k): walk along latent j, point, latents.

    Raises:
        ValueError: if ``latents`` is no table of rows, or ``quantiles`` are not in order between 0 and 1.

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
