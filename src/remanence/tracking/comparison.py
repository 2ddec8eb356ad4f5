"""Comparing runs: the parameters in which they differ, their metrics, and the best baseline of each run."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import yaml

from remanence.data.cells import typed
from remanence.foundation.names import find_metric
from remanence.tracking.comparable import groups
from remanence.tracking.compared_run import COMPARED_TAG, ComparedRun
from remanence.tracking.parameters import complete_parameters

GROUP = "group"
"""Column with the group of a run; values of different groups are not compared, see ``comparable``."""
EARLIER = ("test/r2", "test/rmse", "test/mae", "test/mse", "test/mse_sampled", "test/active_units", "val/mse")
"""Metrics that are compared for runs of an earlier release, which do not have ``COMPARED_TAG``."""
PART = re.compile(r"test/(?!best_of_repeats/)([^/]+)/(mae|r2|rmse)")
"""Pattern of a metric of one scale of a chain, one of several targets, or one channel."""
ABOUT = ("run", "config", "status", GROUP, "id")
LOWER_IS_BETTER = ("rmse", "mae", "mse", "mse_sampled", "relative_error", "median_error", "loss", "active_units")


def comparison_table(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Return one row per run: name, configuration, status, group, differing parameters, metrics, best baseline, run id.

    Only runs of one group may be compared with each other, see ``comparable``.
    """
    shown = shown_metrics(runs)
    metrics = pd.DataFrame([{key: run.data.metrics.get(key) for key in shown} for run in runs])
    about = pd.DataFrame(
        [
            {
                "run": run.info.run_name,
                "config": run.data.tags.get("remanence.config"),
                "status": outcome(run),
                GROUP: group,
            }
            for run, group in zip(runs, groups(runs), strict=True)
        ]
    )
    best = [best_baseline(run.data.metrics, "test/r2") for run in runs]
    baselines = pd.DataFrame(
        [{"baseline/best": name or "", "baseline/r2": value} for name, value in best],
    )
    ids = pd.Series([run.info.run_id for run in runs], name="id")
    return pd.concat([about, differing_parameters(runs), metrics, baselines, ids], axis=1)


def run_table(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Return one row per run: name and origin, the parameters that differ, all metrics and the run id.

    Parameters that are numbers in every run are converted to numbers.
    """
    shown = shown_metrics(runs)
    known = sorted({key for run in runs for key in run.data.metrics if not key.startswith("system/")})
    about = {
        "name": [run.info.run_name for run in runs],
        "config": [run.data.tags.get("remanence.config", "") for run in runs],
        "status": [outcome(run) for run in runs],
        "data": [run.data.tags.get("remanence.data", "") for run in runs],
        "sweep": [run.data.tags.get("remanence.sweep_name", "") for run in runs],
    }
    parameters = typed(differing_parameters(runs).drop(columns=[*about], errors="ignore").astype(object))
    metrics = {key: [run.data.metrics.get(key, math.nan) for run in runs] for key in dict.fromkeys([*shown, *known])}
    ids = pd.DataFrame({"id": [run.info.run_id for run in runs]})
    return pd.concat([pd.DataFrame(about), parameters, pd.DataFrame(metrics), ids], axis=1)


def differing_parameters(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Return the parameters with more than one value, sorted by name; a cell is empty where a run lacks the key.

    A run that was killed before it wrote its parameters down differs in none.
    """
    completed = [complete_parameters(run.data.params) if run.data.params else {} for run in runs]
    values: dict[str, set[str]] = {}
    for number, parameters in enumerate(filter(None, completed)):
        for key, value in parameters.items():
            values.setdefault(key, {""} if number else set()).add(value)
        for key in values.keys() - parameters.keys():
            values[key].add("")
    differing = sorted(key for key, found in values.items() if key not in ABOUT and len(found) > 1)
    return pd.DataFrame([[parameters.get(key, "") for key in differing] for parameters in completed], columns=differing)


def shown_metrics(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the metrics to compare, as far as any run has them.

    These are the metrics that the runs are compared by, then one metric for each scale, target or channel.
    """
    known = {key for run in runs for key in run.data.metrics}
    scales = {key.split(".")[2] for run in runs for key in run.data.params if key.startswith("model.scales.")}
    parts: dict[str, list[str]] = {}
    for key in sorted(known):
        if found := PART.fullmatch(key):
            parts.setdefault(found.group(1), []).append(found.group(2))
    # R² where a part has it; for a scale of a chain the mean absolute error, which its papers report
    shown = [key for key in _compared(runs) if key in known]
    for part, there in parts.items():
        metric = "mae" if part in scales and "mae" in there else "r2" if "r2" in there else there[0]
        key, plain = f"test/{part}/{metric}", f"test/{metric}"
        having = [run.data.metrics for run in runs if key in run.data.metrics]
        # a target whose value always equals the overall metric is the only or first one, which is shown already
        if part in scales or any(values[key] != values.get(plain) for values in having):
            shown.append(key)
    return shown


def _compared(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the metrics by which the runs ask to be compared: those in ``EARLIER`` first, in its order."""
    said = [run.data.tags[COMPARED_TAG].split() if COMPARED_TAG in run.data.tags else EARLIER for run in runs]
    wanted = {key: None for each in said for key in each}
    return [*(key for key in EARLIER if key in wanted), *(key for key in wanted if key not in EARLIER)]


def outcome(run: ComparedRun) -> str:
    """Return how a run ended: ``PRUNED``, which MLflow does not have as a status, or its MLflow status."""
    is_pruned = run.data.tags.get("remanence.outcome") == "pruned"
    return "PRUNED" if is_pruned else str(run.info.status)


def best_baseline(metrics: Mapping[str, float], key: str) -> tuple[str | None, float | None]:
    """Return name and value of the baseline that is best by the metric ``key``; (None, None) if there is none."""
    values = {}
    for name, value in metrics.items():
        if name.startswith("baseline/") and name.split("/", 2)[2:] == [key]:
            values[name.split("/")[1]] = value
    if not values:
        return None, None
    best = (min if is_lower_better(key) else max)(values, key=lambda name: values[name])
    return best, values[best]


def is_lower_better(metric: str) -> bool:
    """Return whether lower values of a metric are better: it is an error, a loss or a number of active latents."""
    return metric.endswith(LOWER_IS_BETTER)


def best_row(values: pd.Series, metric: str) -> Any:
    """Return the row label of the best value; None if fewer than two rows have a value."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().sum() < 2:
        return None
    return numbers.idxmin() if is_lower_better(metric) else numbers.idxmax()


def common_objective(runs: Sequence[ComparedRun]) -> tuple[str, bool] | None:
    """Return the metric that most runs optimise, and whether lower is better.

    Only runs that have a value of their objective count; None if there are none.
    """
    asked: dict[tuple[str, str], int] = {}
    for run in runs:
        names, directions = (
            value if isinstance(value := _plain(run.data.params.get(key, "null")), list) else [value]
            for key in ("objective", "objective_direction")
        )
        if (own := find_metric(names[0], run.data.metrics)) is not None:
            asked[own, directions[0]] = asked.get((own, directions[0]), 0) + 1
    if not asked:
        return None
    name, direction = max(asked, key=lambda entry: asked[entry])
    return name, direction == "minimize"


@cache
def _plain(text: str) -> Any:
    """Return the value that a parameter has as text; most runs of an experiment have the same."""
    return yaml.safe_load(text)
