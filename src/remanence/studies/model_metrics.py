"""Which metrics of a run are logged, and the table with all metrics of its model and its baselines."""

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from remanence.foundation.names import find_metric
from remanence.studies.presentation import OWN

OF_A_BASELINE = re.compile(r"baseline/[^/]+/(test/([^/]+/)*(r2|rmse|mae)|([^/]+/)*p)")
"""Metrics of a baseline that a table of models needs; the others stand in the run's table ``models`` only."""


def logged_metrics(
    metrics: Mapping[str, float], *, first_target: str | None = None, objectives: Iterable[str] = ()
) -> dict[str, float]:
    """Return the metrics that a run logs: none of them twice, and of baselines what a table of models needs.

    Args:
        metrics: all metrics of a run.
        first_target: name in metrics of the first of several targets, whose metrics have plain names as well.
        objectives: metrics that are logged in any case, by whatever name an earlier release had for them.

    >>> all_of = {"test/r2": 0.9, "test/d33/r2": 0.9, "test/eps_r/r2": 0.8, "baseline/svr/train/r2": 1.0}
    >>> sorted(logged_metrics(all_of, first_target="d33"))
    ['test/eps_r/r2', 'test/r2']
    """
    wanted = {find_metric(name, metrics) for name in objectives}

    def stands_elsewhere(name: str) -> bool:
        parts = name.split("/")
        plain = "/".join(part for part in parts if part != first_target)
        return (plain != name and plain in metrics) or (
            parts[0] == "baseline" and OF_A_BASELINE.fullmatch(name) is None
        )

    return {name: value for name, value in metrics.items() if name in wanted or not stands_elsewhere(name)}


def model_table(metrics: Mapping[str, float], baselines: Sequence[str]) -> pd.DataFrame:
    """Return a row for each metric that a baseline has: its name, the run's own value, and that of each baseline."""
    own = {name: _below(metrics, f"baseline/{name}/") for name in baselines}
    names = dict.fromkeys(key for values in own.values() for key in values if not key.endswith("p_value"))
    table = {"metric": list(names), OWN: [metrics.get(key) for key in names]}
    return pd.DataFrame(table | {name: [values.get(key) for key in names] for name, values in own.items()})


def _below(metrics: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}
