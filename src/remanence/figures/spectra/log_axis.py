"""A logarithmic axis of errors with plain numbers."""

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter


def logarithmic(ax: Axes) -> None:
    """Make the y axis logarithmic: 0.1 rather than 10⁻¹, and 2 and 5 between where it spans less than two decades."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.yaxis.set_major_formatter("{x:g}")
    short = high < 100 * low
    ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5) if short else (2, 3, 4, 5, 6, 7, 8, 9)))
    ax.yaxis.set_minor_formatter("{x:g}" if short else NullFormatter())
    ax.tick_params(axis="y", which="both", labelsize=7)
