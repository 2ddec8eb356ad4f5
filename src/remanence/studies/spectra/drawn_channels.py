"""Which channels of spectra are drawn: a panel for each of a hundred would take minutes and show nothing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.opened_spectra import OpenedSpectra

MOST_CHANNELS = 6

Values = NDArray[np.float64]


def drawn_channels(channels: int) -> list[int]:
    """Return which of so many channels are drawn: all, or of many some from the first to the last, evenly spaced.

    >>> drawn_channels(3), drawn_channels(96)
    ([0, 1, 2], [0, 19, 38, 57, 76, 95])
    """
    places: list[int] = np.linspace(0, channels - 1, min(channels, MOST_CHANNELS)).round().astype(int).tolist()
    return places


def drawn(spectra: Values) -> Values:
    """Return the channels that are drawn of spectra of shape (…, channels)."""
    kept: Values = spectra[..., drawn_channels(spectra.shape[-1])]
    return kept


def drawn_axis(data: OpenedSpectra) -> dict[str, Any]:
    """Return the arguments for axis and channels that all figures of spectra share."""
    measured = data.measured
    channels = [measured.channels[channel] for channel in drawn_channels(len(measured.channels))]
    return {"axis": measured.axis, "axis_label": measured.axis_label, "channels": channels}
