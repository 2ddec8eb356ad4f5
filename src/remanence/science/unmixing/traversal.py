"""Walks along one channel of an embedding, and the distance of generated spectra to real spectra."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

Values = NDArray[np.float64]


def neighbour_traversal(
    embedding: NDArray[Any], channel: int, *, frames: int = 200, neighbours: int = 100, tail: float = 0.0
) -> tuple[Values, Values]:
    """Return a walk along one channel, with the other channels at the mean of the pixels near each position.

    Each frame is the mean embedding of the pixels that are nearest to a position on the channel. The other channels
    thus follow the data, and the decoder gets no combination of channels that no pixel has.

    Args:
        embedding: embedding of the pixels, shape (n, k).
        channel: channel to walk along, 0 to k - 1.
        frames: number of positions, equally spaced over the range of the channel.
        neighbours: number of pixels per frame; all pixels if there are fewer.
        tail: percentage of the pixels beyond either end of the walk. 0 walks over the whole range, as in the released
            code; with 1, a single outlier cannot take most of the frames.

    Returns:
        embeddings to decode, shape (frames, k), and the positions on the channel, shape (frames,).

    Raises:
        ValueError: if ``channel`` is not a channel of the embedding, or ``tail`` is not between 0 and 50.

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
    """Return the distance of each generated spectrum to the nearest real spectrum.

    Args:
        generated: generated spectra, scaled, shape (m, steps, channels).
        real: real spectra with the same scaling, shape (n, steps, channels).

    Returns:
        root-mean-square difference (m,) over steps and channels, in scaled units. Compare it with ``spacing(real)``.
    """
    flat = _flat(generated)
    if flat.shape[1:] != (size := _flat(real).shape[1:]):
        raise ValueError(f"Expected `generated` spectra of {size[0]} values like `real`, but got {flat.shape[1]}.")
    distance: Values = _neighbours(real).kneighbors(flat)[0][:, 0] / np.sqrt(flat.shape[1])
    return distance


def spacing(real: NDArray[Any]) -> float:
    """Return the median distance of a real spectrum to its nearest neighbour, to compare generated spectra with.

    Args:
        real: real spectra, scaled, shape (n, steps, channels); at least two spectra.

    Returns:
        root-mean-square difference over steps and channels, in scaled units.
    """
    # called without an argument, scikit-learn does not count a spectrum as its own neighbour
    distance = _neighbours(real).kneighbors()[0][:, 0]
    return float(np.median(distance) / np.sqrt(_flat(real).shape[1]))


def _neighbours(real: NDArray[Any]) -> Any:
    # brute force runs as chunked matrix products, which are faster than trees in 25 to 200 dimensions
    return NearestNeighbors(n_neighbors=1, algorithm="brute").fit(_flat(real))


def _flat(spectra: NDArray[Any]) -> Values:
    values = np.asarray(spectra, dtype=np.float64)
    return values.reshape(len(values), -1)
