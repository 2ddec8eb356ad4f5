"""What a sweep over ``seed`` says of chance: mean, deviation, interval and range of every metric over the seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from optuna.study import Study
from rich.table import Table as RichTable
from rich.text import Text

from remanence.figures.repeats import plot_repeats
from remanence.foundation.terminal import console
from remanence.science.mean_interval import mean_interval
from remanence.sweeps.outcomes import cell
from remanence.sweeps.trial_table import short_names, trial_table
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import shown_metrics
from remanence.tracking.run import Run

SEED = "seed"
"""Key over which runs are repeated."""
NUMBERS = ("n", "mean", "sd", "low", "high", "min", "max")
"""Columns of numbers; ``low`` and ``high`` are the interval of the mean."""
MOST_ROWS = 40
"""Largest number of printed rows; the whole table is an artifact of the parent run."""


def repeats(study: Study, runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """Return what the metrics of runs with different seeds have in common.

    Args:
        study: study of a sweep.
        runs: finished runs of the sweep.

    Returns:
        one row per metric, and per combination of the other keys that the sweep searches: these keys, ``metric``, the
        number ``n`` of seeds with a finite value, ``mean``, ``sd`` (between seeds, n - 1), ``low`` and ``high`` (95 %
        interval of the mean by Student's t, which takes the values of seeds as normal), ``min`` and ``max``. Empty if
        the sweep does not search ``seed``, or if no combination has runs of two seeds.
    """
    keys, settings = _settings(study, runs)
    rows = [
        {**dict(zip(keys, setting, strict=True)), "metric": metric, **_over_seeds(values)}
        for setting, found in settings.items()
        if len(found) > 1
        for metric, values in _metrics(found).items()
    ]
    return pd.DataFrame(rows, columns=[*keys, "metric", *NUMBERS])


def log_repeats(parent: Run, study: Study, runs: Sequence[ComparedRun]) -> None:
    """Log the table ``repeats`` and its figure on the parent run of a sweep over ``seed``; nothing for other sweeps.

    Args:
        parent: parent run of the sweep.
        study: study of the sweep.
        runs: finished runs of the sweep.
    """
    table = repeats(study, runs)
    if table.empty:
        return
    parent.log_table(table, "repeats")
    if panels := _panels(study, runs):
        figure, _ = plot_repeats(panels, title=f"{study.study_name}: values of all seeds, mean and its 95 % interval")
        parent.log_figure(figure, "repeats")


def print_repeats(study: Study, runs: Sequence[ComparedRun]) -> None:
    """Print the repeats of those metrics by which runs are compared, of the model and of the baselines beside it."""
    table = repeats(study, runs)
    if table.empty:
        return
    wanted = shown_metrics(runs)
    shown = table[[name.startswith("fit_seconds") or _end(name) in wanted for name in table["metric"]]]
    keys = [column for column in table.columns if column not in ("metric", *NUMBERS)]
    names = short_names(keys)
    printed = RichTable(title="over seeds: mean, sd, 95 % interval of the mean, range", title_justify="left")
    for column in table.columns:
        printed.add_column(names.get(column, column), justify="right" if column in NUMBERS else "left", overflow="fold")
    for row in shown.head(MOST_ROWS).to_dict("records"):
        printed.add_row(*(Text(cell(row[column])) for column in table.columns))
    console.print(printed)
    if len(table) > min(len(shown), MOST_ROWS):
        console.print(f"all {len(table)} rows: see tables/repeats of the sweep's run")


def _settings(
    study: Study, runs: Sequence[ComparedRun]
) -> tuple[list[str], dict[tuple[str, ...], dict[str, ComparedRun]]]:
    """Return the searched keys beside ``seed``, and for each combination of their values the run of each seed."""
    keys = list(study.user_attrs["space"])
    if SEED not in keys:
        return [], {}
    keys.remove(SEED)
    by_id = {run.info.run_id: run for run in runs}
    settings: dict[tuple[str, ...], dict[str, ComparedRun]] = {}
    for row in trial_table(study).to_dict("records"):
        if (run := by_id.get(row["run"])) is not None:
            setting = tuple(str(row[key]) for key in keys)
            settings.setdefault(setting, {})[str(row[SEED])] = run
    return keys, settings


def _metrics(found: Mapping[str, ComparedRun]) -> dict[str, list[float]]:
    names = dict.fromkeys(key for run in found.values() for key in sorted(run.data.metrics))
    return {
        name: [run.data.metrics[name] for run in found.values() if name in run.data.metrics]
        for name in names
        if not name.startswith("system/")  # load of the machine, which no seed decides
    }


def _over_seeds(values: Sequence[float]) -> dict[str, Any]:
    finite = np.array([value for value in values if np.isfinite(value)])
    if not finite.size:
        return dict.fromkeys(NUMBERS, np.nan) | {"n": 0}
    mean, sd, half = mean_interval(finite)
    ends = {"min": float(finite.min()), "max": float(finite.max())}
    return {"n": finite.size, "mean": mean, "sd": sd, "low": mean - half, "high": mean + half, **ends}


def _panels(study: Study, runs: Sequence[ComparedRun]) -> dict[str, dict[str, list[float]]]:
    """Return for each compared metric the values over seeds: of model and baselines, or of the settings searched."""
    keys, settings = _settings(study, runs)
    names = short_names(keys)
    panels: dict[str, dict[str, list[float]]] = {name: {} for name in shown_metrics(runs)}
    for setting, found in settings.items():
        own = ", ".join(f"{names[key]}={value}" for key, value in zip(keys, setting, strict=True))
        own = own or next(iter(found.values())).data.tags.get("remanence.model", "model")
        for metric, values in sorted(_metrics(found).items(), key=lambda entry: entry[0].startswith("baseline/")):
            finite = [value for value in values if np.isfinite(value)]
            name = metric.split("/")[1].replace("_", " ") if metric != _end(metric) else own
            if _end(metric) in panels and finite and (name == own or not keys):
                panels[_end(metric)][name] = finite
    return {metric: models for metric, models in panels.items() if any(len(values) > 1 for values in models.values())}


def _end(metric: str) -> str:
    """Return a metric of a baseline without the name of the baseline."""
    return metric.split("/", 2)[-1] if metric.startswith("baseline/") else metric
