"""Diagram of the scales of a chain or tree, with arrows from parents to coarser scales."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from remanence.figures.nested.chain_layout import GAP, ScaleBox, Slot, place, slots_of
from remanence.figures.style import COLOURS, GREY, new_figure, shortened, wrapped

LINE = 0.155  # inches between the text lines in a box
MOST_HEADS = 5


def plot_chain(scales: Sequence[ScaleBox], *, title: str) -> tuple[Figure, Axes]:
    """Draw the scales as boxes, the finest on the left, with an arrow from each parent; the axes are in inches.

    Args:
        scales: scales to draw, at least one, in any order.
        title: text above the diagram.

    Raises:
        ValueError: if two scales have the same name, or if parents are unknown or form a cycle.
    """
    slots = slots_of(scales)
    latents = {scale.name: scale.latent_dim for scale in scales}
    texts = {scale.name: _lines(scale, sum(latents[parent] for parent in scale.parents)) for scale in scales}
    letters = max(max(1.15 * len(lines[0]), *map(len, lines[1:])) for lines in texts.values())
    width = max(1.2, 0.2 + 0.059 * letters)  # letters of 7.5 pt
    height = 0.2 + LINE * max(map(len, texts.values()))
    extent = (len(slots) * (width + GAP) - GAP, place(slots, width=width, height=height))

    title = wrapped(title, inches=max(extent[0], 3.5) - 0.2)
    figure, (ax,) = new_figure(max(extent[0], 3.5) + 0.2, extent[1] + 0.3 + 0.17 * (title.count("\n") + 1))
    ax.set(xlim=(-0.05, extent[0] + 0.05), ylim=(-0.05, extent[1] + 0.05), aspect="equal")
    ax.set_axis_off()
    for slot in (slot for level in slots for slot in level):
        if slot.scale is not None:
            _draw_arrows(ax, slot, width, height)
            _draw_box(ax, slot, texts[slot.scale.name], width, height)
    figure.suptitle(title)
    return figure, ax


def _lines(scale: ScaleBox, parents_latents: int) -> list[str]:
    """Return the lines of text of a box; the first is the name of the scale."""
    inputs = [_count(scale.inputs, "input")] if scale.inputs or not parents_latents else []
    inputs += [_count(parents_latents, "latent")] if parents_latents else []
    kept = scale.heads if len(scale.heads) <= MOST_HEADS else scale.heads[: MOST_HEADS - 1]
    heads = [f"→ {shortened(head, 26)}" for head in kept]
    if len(kept) < len(scale.heads):
        heads.append(f"→ {len(scale.heads) - len(kept)} more")
    return [
        shortened(scale.name, 22),
        _count(scale.rows, "row"),
        " + ".join(inputs),
        f"encoded into {_count(scale.latent_dim, 'latent')}",
        *heads,
    ]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"


def _draw_box(ax: Axes, slot: Slot, lines: list[str], width: float, height: float) -> None:
    left, top = slot.x - width / 2, slot.y + height / 2
    box = FancyBboxPatch(
        (left, top - height),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.07",
        facecolor="#eef3f7",
        edgecolor=COLOURS[0],
        linewidth=1.0,
    )
    ax.add_patch(box)
    for number, line in enumerate(lines):
        ax.text(
            left + 0.1,
            top - 0.1 - LINE * (number + 0.5),
            line,
            ha="left",
            va="center",
            fontsize=8.5 if number == 0 else 7.5,
            fontweight="bold" if number == 0 else "normal",
            color="#a62b40" if line.startswith("→") else "black",  # COLOURS[1], darkened for small text
        )


def _draw_arrows(ax: Axes, slot: Slot, width: float, height: float) -> None:
    """Draw the arrows into a box; their ends are spread out, in the order of the boxes that they come from."""
    before = sorted(slot.before, key=lambda other: other.y)
    ends = slot.y + (np.arange(len(before)) - (len(before) - 1) / 2) * min(0.2, 0.6 * height / max(len(before), 1))
    for other, end in zip(before, ends, strict=True):
        points = [(slot.x - width / 2 - 0.02, float(end))]
        while other.scale is None:
            points += [(other.x + width / 2, other.y), (other.x - width / 2, other.y)]
            (other,) = other.before
        points = [(other.x + width / 2, other.y), *reversed(points)]
        vertices, codes = [points[0]], [Path.MOVETO]
        for start, stop in pairwise(points):
            middle = (start[0] + stop[0]) / 2
            vertices += [(middle, start[1]), (middle, stop[1]), stop]
            codes += [Path.CURVE4] * 3
        ax.add_patch(
            FancyArrowPatch(path=Path(vertices, codes), arrowstyle="-|>", mutation_scale=9, color=GREY, zorder=0.5)
        )
