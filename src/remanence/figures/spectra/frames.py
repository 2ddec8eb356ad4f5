"""Movie frames of a figure in which only a few artists change."""

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
    """Draw the whole figure once, then redraw only the moving artists for each frame.

    Args:
        figure: figure to draw, at 120 pixels per inch; the layout before the first update is kept for all frames.
        moving: artists that change between frames, in the order in which they are drawn.
        updates: iterator that sets the moving artists to the next frame in each of its steps.

    Yields:
        the picture of each frame, shape (height, width, 3).
    """
    figure.set_dpi(DPI)
    canvas: Any = FigureCanvasAgg(figure)  # Any: its methods have no annotations
    canvas.draw()  # includes the moving artists, so that the layout leaves space for them
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
