"""One look for all figures."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0b3954", "#d1495b", "#edae49", "#66a182", "#8d6a9f")
GREY = "#8a8f98"


def new_figure(width: float = 4.2, height: float = 3.8, *, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure of ``columns`` panels, each ``width`` x ``height`` inches.

    ``Figure`` is made without pyplot, so that nothing is kept open and no display is looked for.
    """
    figure = Figure(figsize=(width * columns, height), dpi=150, layout="constrained")
    axes = list(figure.subplots(1, columns, squeeze=False)[0])
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(direction="out", length=3, labelsize=8)
    return figure, axes
