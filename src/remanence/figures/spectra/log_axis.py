"""A logarithmic axis with plain numbers."""

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter


def logarithmic(ax: Axes) -> None:
    """Make the y axis logarithmic with tick labels such as 0.1; over less than two decades, label 2 and 5 as well."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.yaxis.set_major_formatter("{x:g}")
    short = high < 100 * low
    ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5) if short else (2, 3, 4, 5, 6, 7, 8, 9)))
    ax.yaxis.set_minor_formatter("{x:g}" if short else NullFormatter())
