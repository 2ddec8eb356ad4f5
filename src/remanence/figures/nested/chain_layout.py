"""Where the scales of a chain or tree stand in a diagram."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

GAP = 0.5  # inches between levels, for the arrows
APART = 0.2  # inches between boxes of one level
LANE = 0.12  # inches of height for an arrow that passes a level


@dataclass(frozen=True)
class ScaleBox:
    """What the diagram says about one scale."""

    name: str
    """Of the scale."""
    rows: int
    """Of its table."""
    inputs: int
    """Its own features, without the latents of its parents."""
    latent_dim: int
    """Number of its latents."""
    heads: Sequence[str] = ()
    """Names and units of the properties that it predicts."""
    parents: Sequence[str] = ()
    """Names of the finer scales whose latents it takes."""


@dataclass(eq=False)
class Slot:
    """A place in a level: a scale, or an arrow that passes by a level."""

    scale: ScaleBox | None
    """None for an arrow."""
    before: list["Slot"]
    """Where the arrows into it come from."""
    x: float = 0.0
    """Centre in inches."""
    y: float = 0.0
    """Centre in inches."""


def slots_of(scales: Sequence[ScaleBox]) -> list[list[Slot]]:
    """Return the slots of each level, the finest scales first; an arrow has one in every level that it passes by.

    A scale stands one level after the coarsest of its parents.

    Args:
        scales: at least one, in any order.

    Raises:
        ValueError: if names repeat, or parents are unknown or form a cycle.
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
    """Give every slot its centre and return the height of the diagram, all in inches.

    The order in a level is that of the means of the neighbours, so that arrows seldom cross (Sugiyama, Tagawa & Toda
    1981, 10.1109/TSMC.1981.4308636).

    Args:
        slots: of each level.
        width: of a box.
        height: of a box.
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
    """Put the slots of a level above each other around 0 and return their height."""
    bottom = 0.0
    for slot in level:
        own = LANE if slot.scale is None else height
        slot.y = bottom + own / 2
        bottom += own + APART
    for slot in level:
        slot.y -= (bottom - APART) / 2
    return bottom - APART


def _levels(scales: Sequence[ScaleBox]) -> dict[str, int]:
    """Return the level of each scale: the longest way to it from a scale without parents."""
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
