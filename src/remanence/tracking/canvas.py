"""The canvas that figures are drawn on before they are saved."""

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from remanence.tracking.png import png

MOST_SHARED = 1_500_000
"""Pixels of the largest drawing whose renderer is kept, with six megabytes: a panel over one column of a journal."""
LETTERS = tuple(name for name in mpl.rcParams if name.startswith(("font.", "mathtext.", "text.")))
"""Settings that change how large a text is."""


class Canvas(FigureCanvasAgg):
    """Matplotlib's canvas for PNGs, with two differences that leave every pixel as it is.

    Figures of one size have one renderer, which keeps the size of each text and the layout of each formula that it has
    seen. Matplotlib has one for the layout of a figure and another one for its drawing, and measures all of it twice.

    A PNG is compressed without filters, see ``png``.
    """

    def get_renderer(self) -> Any:
        """Return the renderer of this thread for the size, resolution and letters of the figure."""
        width, height = self.get_width_height(physical=True)
        letters = tuple(str(mpl.rcParams[name]) for name in LETTERS)
        key = (width, height, float(self.figure.dpi), letters, threading.get_ident())
        if width * height <= MOST_SHARED:
            self.renderer = _shared(*key)
        elif key != self._drawn:
            self.renderer = _renderer(width, height, self.figure.dpi)
        self._drawn = key
        return self.renderer

    _drawn: tuple[Any, ...] = ()

    def print_png(self, filename_or_obj: Any, *, metadata: Any = None, pil_kwargs: Any = None, **_: Any) -> None:
        """Draw the figure and write it to a file; matplotlib gives every canvas more arguments than it needs."""
        drawn: Any = self  # its methods have no annotations
        drawn.draw()
        texts = {"Software": f"Matplotlib version {mpl.__version__}, https://matplotlib.org/", **(metadata or {})}
        Path(filename_or_obj).write_bytes(png(np.asarray(drawn.buffer_rgba()), dpi=self.figure.dpi, texts=texts))


_renderer: Any = RendererAgg  # Any: it has no annotations


@lru_cache(maxsize=8)
def _shared(width: int, height: int, dpi: float, letters: tuple[str, ...], thread: int) -> Any:
    return _renderer(width, height, dpi)
