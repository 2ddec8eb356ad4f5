"""``remanence compare <run> <run>``: what changed between two runs, and what came out."""

import math
from typing import TYPE_CHECKING

from rich.table import Table as RichTable

from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.foundation.terminal import console
from remanence.science.significance import SIGNIFICANT
from remanence.tracking.limits import SHORT_ID

if TYPE_CHECKING:  # these imports take seconds, and mistakes in the arguments are reported without them
    import pandas as pd

    from remanence.tracking.logged_files import LoggedFiles
    from remanence.tracking.run import Run


def compare_runs(first: str, second: str, *, uri: str | None = None) -> "pd.DataFrame":
    """Return what changed between two runs and what came out, as ``remanence compare <run> <run>`` prints it.

    Args:
        first: id of a run, at least the first six digits of its id, or its name if no other run has it.
        second: likewise.
        uri: address of the database of runs; None takes the default database.

    Returns:
        a row for each difference: ``part`` (configuration, data, code, versions, ran, metrics, folds), ``what``,
        ``first``, ``second``; for metrics and folds ``difference``, first - second; for folds ``p`` of the
        t test that is corrected for shared training rows.

    Raises:
        ConfigurationError: if there is no such run, or several have the name.
    """
    from remanence.reproduction.run_differences import code_of, run_differences
    from remanence.verbs.process_state import logging_as_found

    with logging_as_found():
        one, other, files = opened(first, second, uri)
        return run_differences(one, other, files, code_of(one, other, files))


def opened(first: str, second: str, uri: str | None) -> "tuple[Run, Run, LoggedFiles]":
    """Return two runs of a database, and the files of both.

    Raises:
        ConfigurationError: if there is no such run, it is a sweep, several have the name, or both are the same.
    """
    from remanence.tracking.address import default_outputs, tracking_uri
    from remanence.tracking.logged_files import LoggedFiles

    one, other = (_named(wanted, uri) for wanted in (first, second))
    if one.id == other.id:
        raise ConfigurationError(f"compare: '{first}' and '{second}' are the same run, {one.id}")
    return one, other, LoggedFiles(tracking_uri(uri, default_outputs()))


def _named(wanted: str, uri: str | None) -> "Run":
    from remanence.tracking.open_run import open_run
    from remanence.tracking.search import runs_named

    run = open_run(wanted, uri, aside=True)
    if run.found.data.tags.get("remanence.kind") == "sweep":
        raise ConfigurationError(f"compare: {wanted} is a sweep; two of its trials can be compared")
    if run.name == wanted and run.id != wanted and len(alike := runs_named(run.database, wanted)) > 1:
        shown = first_few((each.info.run_id[:SHORT_ID] for each in alike[:5]), of=len(alike))
        raise ConfigurationError(f"compare: several runs are called '{wanted}': {shown}; give the digits of one")
    return run


def print_differences(table: "pd.DataFrame", one: "Run", other: "Run") -> None:
    """Print the table of ``run_differences``."""
    from remanence.reproduction.run_differences import FOLDS, METRICS
    from remanence.tracking.comparison import shown_metrics

    changed = table[~table["part"].isin((METRICS, FOLDS))]
    names = [f"{run.name} {run.id[:SHORT_ID]}" for run in (one, other)]
    printed = RichTable(title="what changed", title_justify="left")
    for head in ("", "", *names):
        printed.add_column(head, overflow="fold")
    before = ""
    for row in changed.to_dict("records"):
        if before and row["part"] != before:
            printed.add_section()
        printed.add_row(
            row["part"] if row["part"] != before else "", row["what"], str(row["first"]), str(row["second"])
        )
        before = row["part"]
    console.print(printed)
    if same := unchanged(table):
        console.print(f"the same in both: {same}")
    metrics = RichTable(title="metrics", title_justify="left")
    for place, head in enumerate(("", *names, "difference")):
        metrics.add_column(head, justify="right" if place else "left", overflow="fold")
    rows = metric_rows(table)
    shown = len(shown_metrics([one.found, other.found]))
    for cells in rows[:shown]:
        metrics.add_row(*cells)
    console.print(metrics)
    if len(rows) > shown:
        console.print(f"and {len(rows) - shown} more metrics: see --csv FILE")
    console.print("difference: first - second; one run of each says nothing of chance")
    for line in fold_lines(table):
        console.print(line)


def unchanged(table: "pd.DataFrame") -> str:
    """Return the parts in which nothing differs, in words."""
    from remanence.reproduction.run_differences import CODE, CONFIGURATION, DATA, VERSIONS

    there = set(table["part"])
    return ", ".join(part for part in (CONFIGURATION, DATA, CODE, VERSIONS) if part not in there)


def fold_lines(table: "pd.DataFrame") -> list[str]:
    """Return what the folds say of chance, a line for each target; a difference is one only below ``SIGNIFICANT``."""
    from remanence.reproduction.run_differences import FOLDS

    lines = []
    for row in table[table["part"] == FOLDS].to_dict("records"):
        if not math.isfinite(row["p"]):
            continue
        chance = "more than chance" if row["p"] < SIGNIFICANT else "no more than chance"
        means = f"{_number(row['first'])} and {_number(row['second'])}"
        lines.append(
            f"{row['what']}: {means}, difference {row['difference']:+.3g}, "
            f"p {row['p']:.3f}: {chance} (paired t, corrected for the training rows that folds share, Nadeau-Bengio)"
        )
    if not lines:
        lines.append("no test over folds: the runs share no folds, or have not logged their errors by fold")
    return lines


def metric_rows(table: "pd.DataFrame") -> list[list[str]]:
    """Return name, both values and difference of each metric as they are shown; empty where a run has no value."""
    from remanence.reproduction.run_differences import METRICS

    return [
        [row["what"], _number(row["first"]), _number(row["second"]), _number(row["difference"], "+.3g")]
        for row in table[table["part"] == METRICS].to_dict("records")
    ]


def _number(value: float, form: str = ".4g") -> str:
    return f"{value:{form}}" if math.isfinite(value) else ""
