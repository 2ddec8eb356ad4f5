"""Spectra along one channel of an embedding, and whether any real spectrum is like them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

Values = NDArray[np.float64]


def neighbour_traversal(
    embedding: NDArray[Any], channel: int, *, frames: int = 200, neighbours: int = 100, tail: float = 0.0
) -> tuple[Values, Values]:
    """Walk along one channel through the middle of the pixels that lie there.

    Each frame is the mean embedding of the pixels that are nearest to a position on the channel, so that the other
    channels follow the data and the decoder is not asked for combinations that no pixel has.

    Args:
        embedding: shape (n, k).
        channel: to walk along, 0 to k - 1.
        frames: positions, equally spaced over the range of the channel.
        neighbours: pixels per frame; all pixels where there are fewer.
        tail: percent of the pixels beyond either end of the walk. 0 is the whole range, as released; 1 keeps a
            single outlier from claiming most frames.

    Returns:
        embeddings (frames, k) to decode, and the positions (frames,).

    Raises:
        ValueError: if ``channel`` is not one of the embedding, or ``tail`` not between 0 and 50.

    Source: the spectra paper, Fig. 5 and its movies (200 frames, 100 pixels).
    """
    z = np.asarray(embedding, dtype=np.float64)
    if z.ndim != 2 or not 0 <= channel < z.shape[1]:
        raise ValueError(f"Expected `channel` to be one of an embedding of shape {z.shape}, but got {channel}.")
    if not 0 <= tail < 50:
        raise ValueError(f"Expected `tail` between 0 and 50 percent, but got {tail}.")
    start, end = np.percentile(z[:, channel], [tail, 100 - tail])
    positions = np.linspace(start, end, frames)
    nearest = min(neighbours, len(z))
    walk = [
        z[np.argpartition(np.abs(z[:, channel] - position), nearest - 1)[:nearest]].mean(axis=0)
        for position in positions
    ]
    return np.stack(walk), positions


def nearest_distance(generated: NDArray[Any], real: NDArray[Any]) -> Values:
    """Return how far each generated spectrum is from the nearest real one.

    Args:
        generated: shape (m, steps, channels), scaled.
        real: shape (n, steps, channels), scaled alike.

    Returns:
        root-mean-square difference (m,) over steps and channels, in scaled units. Compare it with ``spacing(real)``.
    """
    flat = _flat(generated)
    if flat.shape[1:] != (size := _flat(real).shape[1:]):
        raise ValueError(f"Expected `generated` spectra of {size[0]} values like `real`, but got {flat.shape[1]}.")
    distance: Values = _neighbours(real).kneighbors(flat)[0][:, 0] / np.sqrt(flat.shape[1])
    return distance


def spacing(real: NDArray[Any]) -> float:
    """Return the median distance of a real spectrum to the nearest other one, the yardstick of a generated one.

    Args:
        real: shape (n, steps, channels), scaled; at least two spectra.

    Returns:
        root-mean-square difference over steps and channels, in scaled units.
    """
    # without an argument, scikit-learn leaves each spectrum itself out
    distance = _neighbours(real).kneighbors()[0][:, 0]
    return float(np.median(distance) / np.sqrt(_flat(real).shape[1]))


def _neighbours(real: NDArray[Any]) -> Any:
    # brute force is chunked matrix products; trees do not pay in 25 to 200 dimensions
    return NearestNeighbors(n_neighbors=1, algorithm="brute").fit(_flat(real))


def _flat(spectra: NDArray[Any]) -> Values:
    values = np.asarray(spectra, dtype=np.float64)
    return values.reshape(len(values), -1)
