"""``remanence design run=<id> target='d33>200' over='x=0:0.25'``: compositions that a tracked model finds promising."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.table import Table as RichTable

from remanence.arguments import read_arguments
from remanence.data.table_file import write_table
from remanence.errors import ConfigurationError
from remanence.science.conditional_mean import conditional_mean
from remanence.terminal import console

GRID = 41
"""Points along each feature of the search."""
MAX_POINTS = 200_000


@dataclass(frozen=True)
class Wish:
    """A wanted property."""

    target: str
    relation: str
    """``>``, ``<``, ``max`` or ``min``."""
    value: float

    def score(self, predicted: np.ndarray) -> np.ndarray:
        """Return how far each prediction is on the wanted side; higher is better."""
        return {">": predicted - self.value, "<": self.value - predicted, "max": predicted, "min": -predicted}[
            self.relation
        ]


def main(arguments: list[str]) -> int:
    """Print the best compositions, with intervals, and mark those outside the training data."""
    given = read_arguments("design", arguments, required=["run", "target", "over"], optional=["top", "output"])
    top = given.get("top", "10")
    if not top.isdigit() or int(top) < 1:
        raise ConfigurationError(f"design: top must be a number of at least 1, got '{top}'")
    table = design(given["run"], given["target"], given["over"])
    if "output" in given:
        write_table(table, given["output"])
        console.print(f"{len(table)} compositions written to {given['output']}")
    shown = RichTable(title=f"{given['target']} over {given['over']}", title_justify="left")
    for column in table.columns:
        shown.add_column(str(column), justify="right")
    for _, row in table.head(int(top)).iterrows():
        cells = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        shown.add_row(*cells, style="yellow" if row["extrapolated"] == "yes" else "")
    console.print(shown)
    met = int((table["meets"] == "yes").sum())
    console.print(f"{met} of {len(table)} compositions meet {given['target']}; yellow: outside the training data")
    return 0


def design(wanted: str, target: str, over: str) -> pd.DataFrame:
    """Predict every composition of a grid and sort by how well it meets the target.

    Args:
        wanted: id or name of a run on a table.
        target: ``d33>200``, ``eps_r<900``, ``d33=max`` or ``d33=min``.
        over: ``x=0:0.25`` or ``x=0:0.25,lph_slope=20:50``, ranges of numeric features. A feature without a range
            takes the value it has on average at the nearest compositions of the training table, as ceramics do not
            vary one feature alone.

    Returns:
        the features, the prediction and its interval, ``meets``, and ``extrapolated``: yes where the composition is
        beyond the training rows in a feature, or farther from them than the widest gap between them, in z-scores.

    Raises:
        ConfigurationError: for a target or feature that the model does not have.
    """
    from remanence.configuration.build import build
    from remanence.tracking.search import open_run, stored_config

    client, run_id = open_run(wanted)
    from remanence.tracking.logged_model import TableModel, load_logged_model

    loaded = load_logged_model(run_id)
    if not isinstance(loaded, TableModel):
        raise ConfigurationError(f"design: run {run_id} unmixes spectra; only models of tables have inputs to search")
    columns = loaded.columns
    wish = parse_target(target, columns.targets)
    ranges = parse_ranges(over, [name for name in columns.features if name not in columns.levels])
    if columns.levels:
        raise ConfigurationError("design: the run has categorical features, which a grid does not cover")
    data = build("data", stored_config(client, run_id)["data"]).open()
    trained = data.x[data.folds[0].fitting]
    points = _grid(ranges, columns.features, trained)
    frame = pd.DataFrame(points, columns=columns.features)
    predicted: pd.DataFrame = loaded.predict(frame)
    table = pd.concat([frame, predicted], axis=1)
    scores = wish.score(predicted[wish.target].to_numpy())
    table["meets"] = np.where(scores > 0, "yes", "no") if wish.relation in "<>" else "yes"
    table["extrapolated"] = np.where(_is_outside(points, trained), "yes", "no")
    order = np.lexsort((-scores, (table["extrapolated"] == "yes").to_numpy()))  # inside the data first, best first
    best_first: pd.DataFrame = table.iloc[order].reset_index(drop=True)
    return best_first


def parse_target(text: str, targets: list[str]) -> Wish:
    """Read ``d33>200`` or ``d33=max``.

    >>> parse_target("d33 > 200", ["d33"])
    Wish(target='d33', relation='>', value=200.0)
    """
    found = re.fullmatch(r"(.+?)\s*(?:([<>])=?\s*([-+.\deE]+)|=\s*(max|min))", text.strip())
    try:
        name, relation, value, extreme = found.groups() if found else ("", "", "", "")
        wish = Wish(name, extreme or relation, float(value) if relation else 0.0)
    except ValueError:
        found = None
    if not found:
        raise ConfigurationError(f"target: expected such as 'd33>200' or 'd33=max', got '{text}'")
    if wish.target not in targets:
        raise ConfigurationError(f"target: the run predicts {', '.join(targets)}, not '{wish.target}'")
    return wish


def parse_ranges(text: str, features: list[str]) -> dict[str, tuple[float, float]]:
    """Read ``x=0:0.25,lph_slope=20:50``.

    >>> parse_ranges("x=0:0.25", ["x", "lph_slope"])
    {'x': (0.0, 0.25)}
    """
    ranges = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*(.+?)\s*=\s*([-+.\deE]+)\s*:\s*([-+.\deE]+)\s*", part)
        try:
            name, low, high = found.group(1), float(found.group(2)), float(found.group(3))  # type: ignore[union-attr]
        except (AttributeError, ValueError):
            raise ConfigurationError(f"over: expected such as 'x=0:0.25', got '{part}'") from None
        if name not in features:
            raise ConfigurationError(f"over: the run's numeric features are {', '.join(features)}, not '{name}'")
        if not low < high:
            raise ConfigurationError(f"over: {name}={low:g}:{high:g} is empty; the first number must be the smaller")
        ranges[name] = (low, high)
    return ranges


def _grid(ranges: dict[str, tuple[float, float]], features: list[str], trained: np.ndarray) -> np.ndarray:
    """Return the points of the search, (points, features)."""
    if GRID ** len(ranges) > MAX_POINTS:
        raise ConfigurationError(f"over: a grid over {len(ranges)} features is too large; name at most 3")
    axes = np.meshgrid(*(np.linspace(low, high, GRID) for low, high in ranges.values()), indexing="ij")
    searched = np.stack([axis.ravel() for axis in axes], axis=1)  # (points, ranges)
    index = [features.index(name) for name in ranges]
    return conditional_mean(trained, index, searched)


def _is_outside(points: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return whether each point is beyond the training rows in a feature, or farther from them than their widest gap.

    The gap is the longest edge of the tree that connects all rows: replicates of a composition lie close together,
    and the way from one composition to the next is no extrapolation.
    """
    from scipy.spatial.distance import cdist

    scale = np.where(trained.std(axis=0) > 0, trained.std(axis=0), 1.0)
    rows = np.unique(trained / scale, axis=0)
    beyond = (points < trained.min(axis=0) - 1e-9 * scale) | (points > trained.max(axis=0) + 1e-9 * scale)
    nearest: np.ndarray = cdist(points / scale, rows).min(axis=1)
    return np.asarray(beyond.any(axis=1) | (nearest > _widest_gap(rows)))


def _widest_gap(rows: np.ndarray) -> float:
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import pdist, squareform

    return float(minimum_spanning_tree(squareform(pdist(rows))).max()) if len(rows) > 1 else 0.0
