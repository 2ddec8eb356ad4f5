"""The common style of all figures."""

import math
import re
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from remanence.figures.symbols import FORMULA, symbol, visible
from remanence.foundation.names import name_and_unit

COLUMN_WIDTHS = (3.5, 5.5, 7.2)
"""Widths in inches of figures over one, one and a half and both columns of a journal: 89, 140 and 183 mm."""
WIDEST = 8.0
"""Width in inches above which a figure has more panels than a page has room for, and is wider than a page."""
COLOURS = ("C0", "C1", "C2", "C3", "C4")
"""The colours of the style sheet."""
# All colours, grey included, are at least 20 apart in CIELAB, also for protanopes, deuteranopes and tritanopes
# (Machado 2009).
PALETTE = ("#0b3954", "#d1495b", "#edae49", "#3fa7d6", "#7b4b94")
"""The colours of the house's sheet, for pages, which no sheet styles."""
GREY = "#8a8f98"
MARK = "\ue000"
"""Letter of no text, which stands for those of a formula while lines are broken."""
MARKERS = ("o", "s", "^", "D", "v")


def column_width(wanted: float) -> float:
    """Return the width of a journal's column that is nearest to the wanted one, in inches.

    >>> column_width(4.2), column_width(5.0), column_width(7.6), column_width(9.0)
    (3.5, 5.5, 7.2, 9.0)
    """
    return wanted if wanted > WIDEST else min(COLUMN_WIDTHS, key=lambda width: abs(width - wanted))


def new_figure(
    width: float = 3.5, height: float = 3.2, *, columns: int = 1, rows: int = 1
) -> tuple[Figure, list[Axes]]:
    """Return a figure of ``rows`` x ``columns`` panels, listed row by row, each about ``width`` x ``height`` inches.

    The figure is as wide as the nearest column of a journal, see ``column_width``. Its looks are those of the style
    sheet, see ``style_sheet``. ``Figure`` is made without pyplot, so that pyplot keeps no figure open and looks for no
    display.
    """
    figure = Figure(figsize=(column_width(width * columns), height * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def new_panels(
    number: int, *, title: str, width: float = 1.8, height: float = 1.8, most_columns: int = 4, extra: float = 0.0
) -> tuple[Figure, list[Axes]]:
    """Return a figure of ``number`` small panels under one title, and the panels.

    Args:
        number: number of panels, at least one.
        title: text above the panels; it is broken into lines, and the figure grows by their height.
        width: width of a panel in inches; few panels are drawn wider, so that the figure fills the column of a journal.
        height: height of a panel in inches; it grows with the width, up to 2.8.
        most_columns: largest number of panels in a row.
        extra: inches to add to the height of the figure, for a legend.
    """
    columns = min(number, most_columns)
    rows = math.ceil(number / columns)
    scale = max(1.0, column_width(columns * width) / (columns * width))
    figure, axes = new_figure(width, min(height * scale, max(height, 2.8)), columns=columns, rows=rows)
    for empty in axes[number:]:
        figure.delaxes(empty)
    for ax in axes[:number]:
        ax.xaxis.set_major_locator(few_ticks(4))
        ax.yaxis.set_major_locator(few_ticks())
    total_width, total_height = figure.get_size_inches()
    lines = wrapped(title, inches=total_width - 0.2)
    figure.suptitle(lines)
    figure.set_size_inches(total_width, total_height + extra + 0.16 * (lines.count("\n") + 1))
    return figure, axes[:number]


def few_ticks(intervals: int = 5, *, integer: bool = False) -> MaxNLocator:
    """Return a locator of round ticks with at most ``intervals`` intervals; 4 suit the x axis of a small panel."""
    fewest = 1 if integer else intervals - 2
    return MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10], integer=integer, min_n_ticks=fewest)


def hide_inner_ticks(axes: list[Axes], *, columns: int, x: bool = True, y: bool = True) -> None:
    """Keep only the x tick labels of each column's lowest panel and the y tick labels of each row's first panel."""
    for position, ax in enumerate(axes):
        if x and position + columns < len(axes):
            ax.tick_params(labelbottom=False)
        if y and position % columns:
            ax.tick_params(labelleft=False)


def legend_below(figure: Figure, axes: Sequence[Axes], entries: dict[str, Artist] | None = None) -> None:
    """Write one legend for all panels below them, in as many columns as fit the width of the figure.

    Args:
        figure: figure that the panels belong to.
        axes: panels whose labelled artists are listed, each label once.
        entries: artist of each label, to list instead of the artists of ``axes``.
    """
    if entries is None:
        entries = {text: handle for ax in axes for handle, text in zip(*ax.get_legend_handles_labels(), strict=True)}
    widths = [0.4 + 0.058 * len(visible(text)) for text in entries]  # inches for handle and gaps, plus small letters
    columns = max(1, len(widths))
    while columns > 1 and sum(map(max, np.array_split(widths, columns))) > figure.get_figwidth() - 0.2:
        columns -= 1
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
    )


def common_limits(*values: ArrayLike) -> tuple[float, float]:
    """Return limits that include all finite values with a margin of 5 %; (0, 1) if there are no finite values."""
    everything = np.concatenate([np.ravel(np.asarray(array, dtype=np.float64)) for array in values])
    everything = everything[np.isfinite(everything)]
    if not everything.size:
        return 0.0, 1.0
    margin = 0.05 * float(np.ptp(everything) or 1.0)
    return float(everything.min()) - margin, float(everything.max()) + margin


def unit_of(label: str) -> str:
    """Return the unit in parentheses at the end of a label or before a comma, or an empty text.

    >>> unit_of("d33 (pC/N)"), unit_of("piezoresponse (V), cycle 1"), unit_of("eps_r")
    ('pC/N', 'V', '')
    """
    return name_and_unit(label)[1]


def stated(name: str, value: float, label: str) -> str:
    """Return a number with three digits and the unit of a label, as figures state it.

    >>> stated("RMSE", 2.6135, "d33 (pC/N)"), stated("RMSE", 13.02, "eps_r")
    ('RMSE 2.61 pC/N', 'RMSE 13')
    """
    return f"{name} {value:.3g} {unit_of(label)}".rstrip()


def name_of(label: str) -> str:
    """Return a label without its unit.

    >>> name_of("piezoresponse (arb. units)"), name_of("piezoresponse (V), cycle 1")
    ('piezoresponse', 'piezoresponse, cycle 1')
    """
    name, _, behind = name_and_unit(label)
    return name + behind


def wrapped(text: str, *, inches: float, size: str = "medium") -> str:
    """Break a text into lines that fit into a width; ``size`` is that of the letters, such as ``small``."""
    points = FontProperties(size=size).get_size_in_points()
    characters = max(10, int(inches * 72 / (0.55 * points)))  # 0.55 em is a wide mean for the letters of DejaVu Sans
    formulas = iter(FORMULA.findall(text))
    whole = FORMULA.sub(lambda found: MARK * len(visible(found[0])), text)  # a formula is not broken
    return re.sub(f"{MARK}+", lambda _: next(formulas), "\n".join(textwrap.wrap(whole, characters)))


def shortened(name: str, most: int = 24) -> str:
    """Return a user's name for a figure, with the symbol of a known quantity.

    The middle of a long name is left out, because beginning and end tell samples apart.

    >>> shortened("NBBT6+Sr0.5, sintered twice, quenched", 16)
    'NBBT6+Sr…uenched'
    """
    short = name if len(name) <= most else f"{name[: most // 2]}…{name[len(name) - (most - 1) // 2 :]}"
    return symbol(short)
