"""A flame graph: what a process did, as a page that needs no network."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import plotly.graph_objects as go

LEAST_SHARE = 0.002
"""Smallest share of all time that is drawn: what is thinner than a pixel or two cannot be read."""
DEEPEST = 60
"""Largest number of functions above each other."""

Stack = tuple[str, ...]


def flame_graph(stacks: Mapping[Stack, float], *, title: str) -> str:
    """Return an HTML page with the time of each function inside the one that has called it.

    A click shows a function alone. The first level are the phases of the run. plotly's script is included.

    Args:
        stacks: names, the outermost first, to the seconds that were spent there.
        title: title of the page.
    """
    within: dict[Stack, int] = defaultdict(int)  # whole microseconds: plotly draws nothing if parts exceed their whole
    for stack, seconds in stacks.items():
        for depth in range(min(len(stack), DEEPEST) + 1):
            within[stack[:depth]] += round(seconds * 1e6)
    whole = within[()]
    drawn = [stack for stack in _in_order(within) if within[stack] >= LEAST_SHARE * whole]
    numbers = {stack: str(number) for number, stack in enumerate(drawn)}
    icicle = go.Icicle(
        ids=[numbers[stack] for stack in drawn],
        labels=[_short(stack[-1]) if stack else f"all {whole / 1e6:.1f} s" for stack in drawn],
        parents=[numbers[stack[:-1]] if stack else "" for stack in drawn],
        values=[within[stack] for stack in drawn],
        customdata=[(stack[-1] if stack else title, within[stack] / 1e6) for stack in drawn],
        branchvalues="total",  # a value is that of a function with all that it has called
        tiling={"orientation": "v"},
        hovertemplate="%{customdata[0]}<br>%{customdata[1]:.2f} s, %{percentRoot:.1%}<extra></extra>",
    )
    figure = go.Figure(icicle)
    figure.update_layout(title=title, margin={"l": 10, "r": 10, "t": 50, "b": 10}, height=1100)
    return str(figure.to_html(full_html=True, include_plotlyjs=True, config={"displaylogo": False}))


def _in_order(within: Mapping[Stack, int]) -> Iterator[Stack]:
    """Yield the stacks, each after the one that it stands in."""
    yield from sorted(within, key=lambda stack: (len(stack), stack))


def _short(name: str) -> str:
    """Return a function without its module."""
    return name.rpartition(": ")[2]
