"""Which inputs belong together, such as those of one scale, and how their bars are filled."""

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.patches import Patch

from remanence.figures.style import COLOURS, GREY

HATCHES = ("", "////", "....", "xxxx")
OTHER = "other"


def group_fills(names: Iterable[str]) -> dict[str, Patch]:
    """Return the filling of each group as a patch for the legend; after five groups the colours return with a hatch.

    Args:
        names: of the groups; "other" is grey.
    """
    fills: dict[str, Patch] = {}
    for place, name in enumerate(dict.fromkeys(names)):
        hatch = HATCHES[place // len(COLOURS) % len(HATCHES)]
        colour = GREY if name == OTHER else COLOURS[place % len(COLOURS)]
        fills[name] = Patch(facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0)
    return fills


def groups_of_features(groups: Mapping[str, Sequence[int]], features: int) -> list[str]:
    """Return the group of each feature, "other" for those in none.

    Args:
        groups: name to the indices of its features.
        features: how many there are.

    Raises:
        ValueError: if an index is beyond the features or in two groups.
    """
    owners = [OTHER] * features
    for name, indices in groups.items():
        for index in indices:
            if not 0 <= index < features:
                raise ValueError(
                    f"Expected argument `groups` to hold indices from 0 to {features - 1}, but got {index} in {name!r}."
                )
            if owners[index] != OTHER:
                raise ValueError(
                    f"Expected argument `groups` to hold each feature once, but got {index} in {owners[index]!r} "
                    f"and {name!r}."
                )
            owners[index] = name
    return owners


def legend_of_groups(fills: Mapping[str, Patch], shown: Iterable[str]) -> dict[str, Artist]:
    """Return the entries of the groups that are drawn, in the order of ``fills``."""
    present = set(shown)
    return {name: fill for name, fill in fills.items() if name in present}
