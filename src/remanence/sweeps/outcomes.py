"""The summary that a sweep prints when it ends: outcomes of its trials, the best trials, and reasons of failures."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from remanence.foundation.terminal import console
from remanence.sweeps.trial_table import best_trials, count_outcomes, short_names, trial_table

PAGE = "figures/sweep.html"
"""Page of a sweep, in the folder of its own run."""
MOST_ROWS = 20
"""Largest number of printed rows of the table, and of failures; the whole table is an artifact of the parent run."""


def print_outcomes(study: Study, deleted: Collection[str] = (), folder: Path | None = None) -> None:
    """Print how many trials ended in which way, a table with the best trials first, and a line for every failure.

    Where the page of the sweep is in its folder, a line below the table names it.

    A single best trial is also printed as overrides, to be copied into a command line, unless it is the best of seeds.

    Args:
        study: study of the sweep.
        deleted: ids of deleted runs, see ``deleted_runs``; the best trial is one whose run exists.
        folder: folder of the sweep's own run.
    """
    trials, best = trial_table(study), best_trials(study, deleted)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in count_outcomes(study).items())
    console.print(f"{study.study_name}: {counts}")
    failed = trials[trials["outcome"] == "failed"]
    if best:
        numbers = [trial.number for trial in best]
        others = _ranked(trials.drop(failed.index), study, numbers)
        console.print(_table(others.head(MOST_ROWS), study, set(numbers)))
        _print_more(len(others))
        if folder is not None and (page := folder / PAGE).is_file():
            console.print(f"page     {page}", soft_wrap=True)
        if set(study.user_attrs["space"]) != {"seed"}:  # the best seed is chance, and nothing to take over
            console.print(_best(best, is_front=len(study.directions) > 1))
    elif not deleted:
        console.print("no trial has a value")
    for line in better_but_deleted(trials, deleted, any_left=bool(best)):
        console.print(Text(line, style="yellow"))
    for row in failed.head(MOST_ROWS).to_dict("records"):
        console.print(Text(f"trial {row['number']} failed: {reason(row)}", style="red"))
    _print_more(len(failed))


def better_but_deleted(trials: pd.DataFrame, deleted: Collection[str], *, any_left: bool) -> list[str]:
    """Return a line for each trial that would be among the best if its run had not been deleted.

    Args:
        trials: table of all trials.
        deleted: ids of deleted runs, see ``deleted_runs``.
        any_left: whether there is a best trial without them.
    """
    found = trials[trials["run"].isin(list(deleted))].to_dict("records")
    how = "would be among the best" if any_left else "has a value"
    return [f"trial {row['number']} {how}, but its run {row['run']} was deleted" for row in found]


def _print_more(rows: int) -> None:
    if rows > MOST_ROWS:
        console.print(f"and {rows - MOST_ROWS} more: see tables/trials of the sweep's run")


def _best(best: list[FrozenTrial], *, is_front: bool) -> str:
    if is_front:
        return f"Pareto front: {', '.join(f'trial {trial.number}' for trial in best)}"
    (trial,) = best
    overrides = " ".join(f"{key}={value}" for key, value in trial.params.items())
    return f"best: trial {trial.number}, run {trial.user_attrs.get('run')}{f': {overrides}' if overrides else ''}"


def reason(row: Mapping[Any, Any]) -> str:
    """Return why a trial failed, from its row of ``trial_table``."""
    kind = "" if row["kind"] in row["message"] else row["kind"]
    return ": ".join(part for part in (kind, row["message"]) if part) or "no reason was recorded"


def cell(value: Any) -> str:
    """Return a value as text for reading: numbers with four significant digits, missing values empty."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _ranked(trials: pd.DataFrame, study: Study, best: list[int]) -> pd.DataFrame:
    """Sort trials: first the best, then those with a value, the pruned and the unfinished trials.

    Trials of the same group are sorted by the first objective.
    """
    group = trials["outcome"].map({"ok": 1, "skipped": 1, "pruned": 2}).fillna(3)
    group[trials["number"].isin(best)] = 0
    sign = 1 if study.directions[0] == StudyDirection.MINIMIZE else -1
    order = pd.DataFrame({"group": group, "value": sign * trials[study.user_attrs["objective"][0]]})
    return trials.loc[order.sort_values(["group", "value"], kind="stable").index]


def _table(trials: pd.DataFrame, study: Study, best: set[int]) -> RichTable:
    """Return a table with a column for each parameter, or with one column for all if they do not fit the terminal."""
    objectives: list[str] = study.user_attrs["objective"]
    names = short_names(key for key in trials.columns if key in study.user_attrs["space"])
    values = {name: name for name in objectives}
    ends = {name: name for name in ("epochs", "seconds") if trials[name].notna().any()}
    table = _drawn(trials, names | values | ends, best)
    if Measurement.get(console, console.options.update(max_width=10_000), table).maximum <= console.width:
        return table
    together = [
        ", ".join(f"{name} {cell(row[key])}" for key, name in names.items() if row[key] is not None)
        for row in trials.to_dict("records")
    ]
    return _drawn(trials.assign(together=together), {"together": "parameters"} | values, best)


def _drawn(trials: pd.DataFrame, names: dict[str, str], best: set[int]) -> RichTable:
    table = RichTable()
    columns = {"number": "trial", "outcome": "outcome", **names}
    for column, name in columns.items():
        is_text = trials[column].dtype.kind not in "if"
        table.add_column(name, justify="left" if is_text else "right", overflow="fold")
    for row in trials.to_dict("records"):
        style = "bold green" if row["number"] in best else ""
        table.add_row(*(Text(cell(row[column]), style=style) for column in columns))
    return table
