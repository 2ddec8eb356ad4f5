"""Pictures of a figure of which only a few artists change."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
DPI = 120


def frames(figure: Figure, moving: Sequence[Artist], updates: Iterable[object]) -> Iterator[Frame]:
    """Draw everything once, then for each update only the artists that move.

    Args:
        figure: is drawn at 120 pixels an inch; its layout is that before the first update.
        moving: in the order in which they are drawn.
        updates: each step of the iteration has set the artists to the next frame.

    Yields:
        a picture, shape (height, width, 3).
    """
    figure.set_dpi(DPI)
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no annotations
    canvas.draw()  # with the artists, so that the layout leaves them their place
    figure.set_layout_engine("none")
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)
    for _ in updates:
        canvas.restore_region(still)
        for artist in moving:
            figure.draw_artist(artist)
        yield np.array(canvas.buffer_rgba())[..., :3]
