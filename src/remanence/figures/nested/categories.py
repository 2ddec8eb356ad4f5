"""Colours and markers for categories, of which there may be more than colours."""

from collections.abc import Iterable

from remanence.figures.style import COLOURS, MARKERS


def category_styles(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return colour and marker of each name; 25 names are told apart, the first five by both colour and marker.

    >>> styles = category_styles(["Cl", "Br", "I"])
    >>> styles["Cl"]
    ('C0', 'o')
    """
    return {
        name: (COLOURS[place % len(COLOURS)], MARKERS[(place + place // len(COLOURS)) % len(MARKERS)])
        for place, name in enumerate(dict.fromkeys(names))
    }
