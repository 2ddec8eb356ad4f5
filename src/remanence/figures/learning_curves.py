"""The losses of several runs over their epochs, interactive, for the page that compares them."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from remanence.figures.comparison import FONT, cut
from remanence.figures.history import is_wide
from remanence.figures.style import PALETTE

DASHES = ("solid", "dot", "dash", "dashdot")
MOST_POINTS = 300
"""Most points of a curve; of more, as many are drawn at equal distances, with the last one."""
LONGEST = 40
Curve = Sequence[tuple[int, float]]


def plot_learning_curves(curves: Mapping[str, Curve], *, metric: str) -> go.Figure | None:
    """Draw a metric of each run over its epochs; a logarithmic axis where the values reach over decades.

    Args:
        curves: name of a run to its epochs, counted from 0, and values; a curve of fewer than two points is left out.
        metric: name of the metric.

    Returns:
        the figure; None if there is no curve.
    """
    drawn = {name: _thinned(np.array(points, dtype=np.float64)) for name, points in curves.items() if len(points) > 1}
    if not drawn:
        return None
    figure = go.Figure()
    keys, names = _told_apart(list(drawn))
    styles = cycle((colour, dash) for dash in DASHES for colour in PALETTE)
    for name, points, (colour, dash) in zip(names, drawn.values(), styles, strict=False):
        figure.add_scatter(
            x=points[:, 0] + 1,
            y=points[:, 1],
            mode="lines",
            name=escape(cut(name, LONGEST), quote=False),
            line={"color": colour, "width": 1.6, "dash": dash},
            hovertemplate="%{x}: %{y:.4g}",
        )
    values = np.concatenate([points[:, 1] for points in drawn.values()]).tolist()
    logarithmic = min(values) > 0 and is_wide(values)
    figure.update_layout(
        template="plotly_white",
        height=max(380, 110 + 21 * len(drawn)),
        margin={"l": 70, "r": 20, "t": 20, "b": 50},
        font=FONT,
        showlegend=True,
        legend={"title": {"text": escape(keys, quote=False)}},
        xaxis={"title": "epoch"},
        yaxis={"title": metric, "type": "log" if logarithmic else "linear", "exponentformat": "e", "nticks": 8},
    )
    return figure


def _told_apart(names: list[str]) -> tuple[str, list[str]]:
    """Return what all names say at the same places, and the names; of names that are too long they say only the rest.

    >>> _told_apart([f"activation=tanh, batch_size=32, lr={lr} 3476ba269c81" for lr in (0.01, 0.001)])
    ('activation, batch_size, lr', ['tanh, 32, 0.01 3476ba269c81', 'tanh, 32, 0.001 3476ba269c81'])
    """
    parts = [[part.partition("=") for part in name.split(", ")] for name in names]
    keys = {tuple(key if equals else "" for key, equals, _ in each) for each in parts}
    if max(map(len, names)) <= LONGEST or len(keys) > 1 or not all(next(iter(keys))):
        return "", names
    return ", ".join(next(iter(keys))), [", ".join(value for _, _, value in each) for each in parts]


def _thinned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return at most ``MOST_POINTS`` of the points, shape (points, 2), the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return points
    kept: NDArray[np.float64] = points[np.linspace(0, len(points) - 1, MOST_POINTS).round().astype(int)]
    return kept
