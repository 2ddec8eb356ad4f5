"""Writing a figure to a file."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from remanence.tracking.canvas import Canvas


def save_figure(figure: Figure, path: Path) -> None:
    """Lay a figure out and save it.

    Matplotlib's ``savefig`` lays a figure out by drawing all of it once and throwing the drawing away. This function
    skips that drawing, and draws on a ``Canvas``; the picture is the same, pixel by pixel. PDF and SVG bear no date, so
    that the same figure is the same file.

    Args:
        figure: the figure; its layout engine is the same afterwards.
        path: path of the file; the ending names the format.
    """
    options: dict[str, Any] = {}
    if path.suffix == ".pdf":
        options["metadata"] = {"CreationDate": None}
    elif path.suffix == ".svg":
        options["metadata"] = {"Date": None}
    Canvas(figure)
    engine = figure.get_layout_engine()
    if engine is not None and figure.axes:
        with suppress(ValueError):  # raised if panels have no room; matplotlib then draws them as they are
            engine.execute(figure)
    figure.set_layout_engine(None)
    try:
        figure.savefig(path, **options)
    finally:
        figure.set_layout_engine(engine)
