"""Positions of the scales of a chain or tree in a diagram."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

GAP = 0.5  # inches between levels, for the arrows
APART = 0.2  # inches between the boxes of a level
LANE = 0.12  # inches of height for an arrow that passes through a level


@dataclass(frozen=True)
class ScaleBox:
    """What the diagram shows of one scale."""

    name: str
    """Name of the scale."""
    rows: int
    """Number of rows of the scale's table."""
    inputs: int
    """Number of the scale's own features, without the latents of its parents."""
    latent_dim: int
    """Number of latents of the scale."""
    heads: Sequence[str] = ()
    """Names and units of the properties that the scale predicts."""
    parents: Sequence[str] = ()
    """Names of the finer scales whose latents this scale takes."""


@dataclass(eq=False)
class Slot:
    """A place in a level: the box of a scale, or an arrow that passes through the level."""

    scale: ScaleBox | None
    """The scale of the box; None for an arrow."""
    before: list["Slot"]
    """Slots of earlier levels that arrows lead from into this slot."""
    x: float = 0.0
    """Coordinate of the centre in inches."""
    y: float = 0.0
    """Coordinate of the centre in inches."""


def slots_of(scales: Sequence[ScaleBox]) -> list[list[Slot]]:
    """Return the slots of each level, the finest scales first.

    A scale is one level after the coarsest of its parents. An arrow has a slot in every level that it passes through.

    Args:
        scales: scales to place, at least one, in any order.

    Raises:
        ValueError: if two scales have the same name, or if parents are unknown or form a cycle.
    """
    levels = _levels(scales)
    slots: list[list[Slot]] = [[] for _ in range(1 + max(levels.values()))]
    own: dict[str, Slot] = {}
    for scale in sorted(scales, key=lambda scale: levels[scale.name]):
        own[scale.name] = Slot(scale, [])
        for parent in scale.parents:
            last = own[parent]
            for level in range(levels[parent] + 1, levels[scale.name]):
                last = Slot(None, [last])
                slots[level].append(last)
            own[scale.name].before.append(last)
        slots[levels[scale.name]].append(own[scale.name])
    return slots


def place(slots: list[list[Slot]], *, width: float, height: float) -> float:
    """Set the centre of every slot and return the height of the diagram, in inches.

    The slots of a level are sorted by the mean position of the slots that they are connected to, so that few arrows
    cross (Sugiyama, Tagawa & Toda 1981, 10.1109/TSMC.1981.4308636).

    Args:
        slots: slots of each level.
        width: width of a box in inches.
        height: height of a box in inches.
    """
    total = max(_stack(level[::-1], height) for level in slots)
    for _ in range(3):
        for level in slots[1:]:
            level.sort(key=lambda slot: np.mean([other.y for other in slot.before] or [slot.y]))
            _stack(level, height)
        for level, coarser in zip(slots[-2::-1], slots[:0:-1], strict=True):
            after = {slot: [other.y for other in coarser if slot in other.before] for slot in level}
            level.sort(key=lambda slot: np.mean(after[slot] or [slot.y]))
            _stack(level, height)
    for number, level in enumerate(slots):
        for slot in level:
            slot.x, slot.y = number * (width + GAP) + width / 2, slot.y + total / 2
    return total


def _stack(level: list[Slot], height: float) -> float:
    """Stack the slots of a level above each other, centred at 0, and return the height of the stack."""
    bottom = 0.0
    for slot in level:
        own = LANE if slot.scale is None else height
        slot.y = bottom + own / 2
        bottom += own + APART
    for slot in level:
        slot.y -= (bottom - APART) / 2
    return bottom - APART


def _levels(scales: Sequence[ScaleBox]) -> dict[str, int]:
    """Return the level of each scale: the length of the longest path to it from a scale without parents."""
    names = [scale.name for scale in scales]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"Expected argument `scales` to hold scales of different names, but got {names}.")
    for scale in scales:
        if unknown := [parent for parent in scale.parents if parent not in names]:
            raise ValueError(f"Expected parents of the scale {scale.name!r} among {names}, but got {unknown}.")
    levels: dict[str, int] = {}
    while len(levels) < len(names):
        waiting = [scale for scale in scales if scale.name not in levels]
        ready = [scale for scale in waiting if all(parent in levels for parent in scale.parents)]
        if not ready:
            raise ValueError(f"Expected parents without a cycle, but got one in {[scale.name for scale in waiting]}.")
        levels |= {scale.name: 1 + max((levels[parent] for parent in scale.parents), default=-1) for scale in ready}
    return levels
