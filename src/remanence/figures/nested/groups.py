"""Groups of inputs, such as the inputs of one scale, and the filling of their bars."""

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.patches import Patch

from remanence.figures.style import COLOURS, GREY

HATCHES = ("", "////", "....", "xxxx")
OTHER = "other"


def group_fills(names: Iterable[str]) -> dict[str, Patch]:
    """Return the filling of each group as a patch for the legend; after five groups the colours repeat with a hatch.

    Args:
        names: names of the groups; "other" is grey.
    """
    fills: dict[str, Patch] = {}
    for place, name in enumerate(dict.fromkeys(names)):
        hatch = HATCHES[place // len(COLOURS) % len(HATCHES)]
        colour = GREY if name == OTHER else COLOURS[place % len(COLOURS)]
        fills[name] = Patch(facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0)
    return fills


def groups_of_features(groups: Mapping[str, Sequence[int]], features: int) -> list[str]:
    """Return the name of the group of each feature; a feature in no group gets "other".

    Args:
        groups: indices of the features of each group, by its name.
        features: number of features.

    Raises:
        ValueError: if an index is not that of a feature, or is in two groups.
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
    """Return the legend entries of the groups in ``shown``, in the order of ``fills``."""
    present = set(shown)
    return {name: fill for name, fill in fills.items() if name in present}
