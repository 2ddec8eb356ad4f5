"""Arrangement of the channels of a spectrum for a model."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Layout = Literal["joined", "stacked", "interleaved"]
Values = NDArray[np.floating[Any]]


def lay_out(x: Values, layout: Layout) -> Values:
    """Arrange spectra (n, steps, channels) in the layout that a model reads.

    ``joined`` leaves the spectra as they are. ``stacked`` puts one channel after the other, as linear methods do.
    ``interleaved`` alternates the channels within one sequence, as the released two-channel network does. ``stacked``
    and ``interleaved`` give the shape (n, steps·channels, 1).
    """
    if layout == "joined":
        return x
    ordered = x.transpose(0, 2, 1) if layout == "stacked" else x
    return np.ascontiguousarray(ordered).reshape(len(x), x.shape[1] * x.shape[2], 1)


def take_apart(x: Values, layout: Layout, channels: int) -> Values:
    """Undo ``lay_out``: return spectra of shape (n, steps, channels).

    >>> x = np.arange(12.0).reshape(1, 6, 2)
    >>> all((take_apart(lay_out(x, layout), layout, 2) == x).all() for layout in ("joined", "stacked", "interleaved"))
    True
    """
    if layout == "joined":
        return x
    steps = x.shape[1] // channels
    if layout == "stacked":
        return x.reshape(len(x), channels, steps).transpose(0, 2, 1)
    return x.reshape(len(x), steps, channels)
