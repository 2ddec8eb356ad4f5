"""The share of a property's variance that each group of inputs explains."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from remanence.figures.maps import MISSING
from remanence.figures.nested.groups import group_fills
from remanence.figures.style import GREY, few_ticks, legend_below, new_figure, shortened, wrapped

UNEXPLAINED = "unexplained"
LEAST_WRITTEN = 0.07  # smallest share whose bar has room for its number


def plot_explained(shares: Mapping[str, Mapping[str, float]], *, title: str) -> tuple[Figure, Axes]:
    """Draw one stacked bar per target.

    Args:
        shares: for each target, the share of the variance that each group explains, such as 0.62 for "latents of
            ions". At least one target. The share is the Shapley value of R² (Lipovetsky & Conklin 2001,
            10.1002/asmb.446). "unexplained" is grey and comes last. A negative share, of inputs that worsen the
            prediction, is drawn to the left of zero.
        title: text above the bars.

    Raises:
        ValueError: if there is no target, or a share is not finite.
    """
    if not shares:
        raise ValueError("Expected argument `shares` to hold at least one target, but got none.")
    for target, parts in shares.items():
        for name, share in parts.items():
            if not np.isfinite(share):
                part = f"{name!r} of {target!r}"
                raise ValueError(f"Expected argument `shares` to hold finite numbers, but got {share} for {part}.")
    names = dict.fromkeys(name for parts in shares.values() for name in parts if name != UNEXPLAINED)
    fills = group_fills(names)
    if any(UNEXPLAINED in parts for parts in shares.values()):
        fills[UNEXPLAINED] = Patch(facecolor=MISSING, edgecolor="white")
    figure, (ax,) = new_figure(5.4, 1.15 + 0.34 * max(len(shares), 2))
    for place, parts in enumerate(shares.values()):
        ends = {True: 0.0, False: 0.0}  # where the bars of positive and of negative shares end
        for name, fill in fills.items():
            share = parts.get(name, 0.0)
            if share == 0:
                continue
            start = ends[share > 0]
            ends[share > 0] += share
            colour = fill.get_facecolor()
            ax.barh(
                place,
                100 * share,
                left=100 * start,
                height=0.62,
                color=colour,
                edgecolor="white",
                linewidth=0.6,
                hatch=fill.get_hatch(),
            )
            if abs(share) >= LEAST_WRITTEN:
                dark = np.dot(to_rgb(colour), [0.299, 0.587, 0.114]) < 0.5
                text = f"{100 * share:.0f}".replace("-", "−")
                ax.text(
                    100 * (start + share / 2),
                    place,
                    text,
                    ha="center",
                    va="center",
                    fontsize="small",
                    color="white" if dark else "black",
                    path_effects=[withStroke(linewidth=2, foreground=colour)],  # keeps a hatch off the number
                )
    ax.axvline(0, color=GREY, linewidth=0.8)
    margin = 0.5 + max(0.0, (2 - len(shares)) / 2)
    ax.set_ylim(len(shares) - 1 + margin, -margin)
    ax.set_yticks(range(len(shares)), [shortened(target, 28) for target in shares], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(few_ticks())
    ax.set_xlim(min(0.0, round(ax.dataLim.x0, 6)), max(100.0, round(ax.dataLim.x1, 6)))
    ax.set_xlabel("share of the variance (%)")
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    legend_below(figure, [], dict(fills))
    return figure, ax
