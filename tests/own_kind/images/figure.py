"""Images under each other."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from images.data import Pictures
from remanence.figures.style import new_panels


def plot_images(rows: Mapping[str, Pictures], *, title: str) -> tuple[Figure, list[Axes]]:
    """Draw images on one grey scale, a row for each model.

    Args:
        rows: name to images (n, height, width), the measured ones first.
        title: above all.
    """
    measured = next(iter(rows.values()))
    figure, axes = new_panels(len(rows) * len(measured), title=title, width=1.0, height=1.0, most_columns=len(measured))
    for position, ax in enumerate(axes):
        name, number = list(rows)[position // len(measured)], position % len(measured)
        ax.imshow(rows[name][number], cmap="gray", vmin=measured.min(), vmax=measured.max())
        ax.set_xticks([])
        ax.set_yticks([])
        if not number:
            ax.set_ylabel(name, fontsize=7)
    return figure, axes
