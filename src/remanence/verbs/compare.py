"""``remanence compare piezo``: tables with one row per run, the parameters that differ, and the best values marked.

Of two runs, ``compare <run> <run>`` says what changed, see ``two_runs``.
"""

import os
import re
from typing import TYPE_CHECKING, Any

from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from remanence.data.output_file import check_output, writing
from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from remanence.tracking.compared_run import ComparedRun

MOST_PARAMETERS = 8
"""Largest number of parameter columns in a terminal; runs of several configurations differ in dozens of parameters."""
OPTIONS = ("--csv", "--html")
UNLIMITED = 100_000
"""Width in characters that any table fits into."""
MOST_ROWS = 40
"""Largest number of rows that are printed of a group of runs; of more runs, the best and the newest are printed."""
BEST, NEWEST = 20, 5
MOST_GROUPS = 10
"""Largest number of groups of runs that are printed; those with the most runs."""
MOST_NAMED = 5
"""Largest number of experiments that a message names, the newest ones."""
DRAWN = re.compile(r"-?\d+\.\d{7,}(?:e[-+]?\d+)?")
"""A parameter with more digits than anybody types, as a sampler draws it; the file of ``--csv`` has all of them."""
LEAST_DIGITS = 8
"""Least number of digits of an id that are printed where the whole id has no room; verbs take them in its place."""


def main(arguments: list[str]) -> int:
    """Print the runs of an experiment, a configuration or a sweep, or what changed between two runs.

    ``--csv`` and ``--html`` write it to a file.
    """
    named, files, address = _read(list(arguments))
    from remanence.tracking.address import default_outputs, sqlite_path, tracking_uri

    database = sqlite_path(tracking_uri(address, default_outputs()))
    for path in files.values():
        check_output(path, inputs=[] if database is None else [database], what="the database of runs")
    if len({os.path.realpath(path) for path in files.values()}) < len(files):
        raise ConfigurationError(f"compare: {' and '.join(files)} name the same file")
    table, page = _of_one(named[0], address) if len(named) == 1 else _of_two(named[0], named[1], address)
    if "--csv" in files:
        with writing(files["--csv"]) as unfinished:
            table.to_csv(unfinished, index=False)
    if "--html" in files:
        text = page()
        with writing(files["--html"]) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    for path in files.values():
        console.print(f"written to {path}")
    return 0


def _of_one(wanted: str, address: str | None) -> "tuple[pd.DataFrame, Callable[[], str]]":
    """Print the runs of an experiment, a configuration or a sweep; return their table and what makes their page."""
    from remanence.tracking.address import default_outputs, tracking_uri
    from remanence.tracking.campaign import campaigns
    from remanence.tracking.comparison import common_objective, comparison_table
    from remanence.tracking.logged_files import LoggedFiles
    from remanence.tracking.settings import can_be_tested

    runs, uri = found_runs(wanted, address)
    table, logged = comparison_table(runs), LoggedFiles(tracking_uri(address, default_outputs()))
    print_comparison(table, title=wanted, objective=common_objective(runs))
    print_campaigns(campaigns(runs))
    if can_be_tested(runs):
        from remanence.verbs.settings_section import print_settings

        print_settings(runs, logged)

    def page() -> str:
        from remanence.verbs.comparison_page import comparison_page

        return comparison_page(runs, title=wanted, uri=uri, files=logged)

    return table, page


def _of_two(first: str, second: str, address: str | None) -> "tuple[pd.DataFrame, Callable[[], str]]":
    """Print what changed between two runs; return it as a table, and what makes its page."""
    from remanence.reproduction.run_differences import code_of, run_differences
    from remanence.verbs.two_runs import opened, print_differences

    one, other, logged = opened(first, second, address)
    code = code_of(one, other, logged)
    table = run_differences(one, other, logged, code)
    print_differences(table, one, other)

    def page() -> str:
        from remanence.verbs.two_runs_page import two_runs_page

        return two_runs_page(table, one, other, logged, code)

    return table, page


def compare(wanted: str, uri: str | None = None) -> "pd.DataFrame":
    """Return one row per run: name, status, group, differing parameters, metrics and run id.

    Args:
        wanted: experiment, configuration or sweep, see ``found_runs``.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if nothing is found.
    """
    from remanence.tracking.comparison import comparison_table

    return comparison_table(found_runs(wanted, uri)[0])


def found_runs(
    wanted: str | None, uri: str | None = None, *, aside: bool = False
) -> "tuple[Sequence[ComparedRun], str]":
    """Return the runs, the oldest first, and the address of their database without secrets.

    Args:
        wanted: an experiment (``piezo``), a configuration (``piezo/ns``), or a sweep (its name, its id, or the name of
            its parent run). None takes all runs; then the list may be empty.
        uri: address of the database of runs; None takes the default database.
        aside: leave MLflow's global tracking address as it is, see ``tracking.database.connect``.

    Raises:
        ConfigurationError: if there are no such runs.
    """
    from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
    from remanence.tracking.stored_runs import stored_runs

    address = tracking_uri(uri, default_outputs())
    runs: Sequence[ComparedRun] | None = stored_runs(address, wanted)
    if runs is None:
        from remanence.tracking.database import open_existing
        from remanence.tracking.search import tracked_runs

        runs = tracked_runs(open_existing(address, aside=aside), wanted)
    if not runs and wanted is not None:
        raise ConfigurationError(
            f"compare: no runs of '{wanted}' in {without_secrets(address)}{_experiments(address, aside=aside)}"
        )
    return runs, without_secrets(address)


def _experiments(address: str, *, aside: bool) -> str:
    """Return in words which experiments there are: a run on a file of one's own is in that of the file."""
    from remanence.tracking.database import open_existing

    experiments = open_existing(address, aside=aside).search_experiments()  # the newest first
    named = [each.name for each in experiments if each.name != "Default"]
    return f"; experiments: {first_few(named[:MOST_NAMED], of=len(named))}" if named else ""


def print_comparison(table: "pd.DataFrame", *, title: str, objective: tuple[str, bool] | None = None) -> None:
    """Print a table for each group of runs that may be compared, with the best value of each metric in bold green.

    Args:
        table: table of ``tracking.comparison.comparison_table``.
        title: experiment, configuration or sweep whose runs are compared.
        objective: metric by which the best of many runs are chosen, and whether lower is better; None takes the first.
    """
    parameters = [column for column in table.columns if _is_parameter(str(column))]
    if len(parameters) > MOST_PARAMETERS:
        table = table.drop(columns=parameters)
    if "group" not in table:
        table = table.assign(group="")
    if "id" in table:
        table = table.assign(short=_short_ids(table["id"]))
    sizes = table["group"].value_counts(sort=False)
    chosen = sorted(sizes.nlargest(MOST_GROUPS).index, key=list(sizes.index).index)
    for group in chosen:
        heading = f"{title}: {len(table)} runs" if len(sizes) == 1 else f"{title}, {group}: {sizes[group]} runs"
        _print_group(table[table["group"] == group].drop(columns="group"), heading, objective)
    if len(sizes) > 1:
        console.print(f"{len(sizes)} groups of runs with other data, targets or splits: they have no common best value")
    if len(sizes) > len(chosen):
        console.print(f"{len(sizes) - len(chosen)} groups with the fewest runs are not shown: see --csv FILE")
    if len(parameters) > MOST_PARAMETERS:
        console.print(f"{len(parameters)} parameters differ: see --csv FILE, or compare one configuration or sweep")


def print_campaigns(tables: "Sequence[pd.DataFrame]") -> None:
    """Print the best values so far against the experiments made, for each chain of runs with more and more rows.

    Args:
        tables: tables of ``tracking.campaign.campaigns``.
    """
    for table in tables:
        shown = table.assign(id=_short_ids(table["id"]))
        printed = RichTable(title=f"campaign of {table['run'].iloc[0]}: best so far", title_justify="left")
        for column in shown.columns:
            printed.add_column(str(column), justify="left" if column in ("run", "id") else "right", overflow="fold")
        for _, row in shown.iterrows():
            printed.add_row(*[_cell(value) for value in row])
        console.print(printed)


def _print_group(table: "pd.DataFrame", heading: str, objective: tuple[str, bool] | None) -> None:
    """Print the runs of one group.

    Where whole ids have no room there are as many digits as tell them apart, and no names that say what columns say.
    """
    from remanence.tracking.comparison import best_row

    table = table.loc[:, ~table.isna().all() & ~(table == "").all()]
    best = {str(column): best_row(table[column], str(column)) for column in table if _is_metric(str(column))}
    shown = _shown(table, best, objective)
    whole = _printed(shown.drop(columns="short", errors="ignore"), best, heading)
    if Measurement.get(console, console.options.update(max_width=UNLIMITED), whole).maximum > console.width:
        shown = shown.drop(columns="id", errors="ignore").rename(columns={"short": "id"})
        if "id" in shown and "run" in shown and _say_parameters(shown["run"], shown.columns):
            shown = shown.drop(columns="run")
        whole = _printed(shown, best, heading)
    console.print(whole)
    if len(shown) < len(table):
        console.print(f"and {len(table) - len(shown)} more: see --csv FILE")


def _shown(table: "pd.DataFrame", best: dict[str, Any], objective: tuple[str, bool] | None) -> "pd.DataFrame":
    """Return all rows if they are few; else the best ones, the best first, those that are best by a metric, the newest.

    Args:
        table: rows of one group, the oldest first.
        best: metric to the label of its best row.
        objective: metric by which runs are good, and whether lower is better.
    """
    from remanence.tracking.comparison import is_lower_better

    if len(table) <= MOST_ROWS:
        return table
    metric, minimize = objective if objective is not None and objective[0] in table else (next(iter(best), None), None)
    if metric is None:
        return table.tail(BEST + NEWEST)
    ascending = is_lower_better(metric) if minimize is None else minimize
    ranked = table[metric].astype(float).sort_values(ascending=ascending, kind="stable").index[:BEST]
    marked = [row for row in best.values() if row is not None]
    return table.loc[list(dict.fromkeys([*ranked, *marked, *table.index[-NEWEST:]]))]


def _short_ids(ids: "pd.Series") -> "pd.Series":
    """Return the first digits of each id, as many as tell all of them apart."""
    digits = next((digits for digits in range(LEAST_DIGITS, 32) if ids.str[:digits].is_unique or not ids.is_unique), 32)
    return ids.str[:digits]


def _say_parameters(names: "pd.Series", columns: "Iterable[object]") -> bool:
    """Return whether all names of runs, such as ``loss=mse, lr=0.01``, are made of parameters that have columns."""
    keys = {str(column).rpartition(".")[2] for column in columns if _is_parameter(str(column))}
    parts = [part.partition("=") for name in names for part in str(name).split(", ")]
    return all(equals and key in keys for key, equals, _ in parts)


def _printed(table: "pd.DataFrame", best: dict[str, Any], title: str) -> RichTable:
    printed = RichTable(title=title, title_justify="left")
    for column in table.columns:
        is_number = _is_metric(str(column)) and column != "baseline/best"
        printed.add_column(
            str(column), justify="right" if is_number else "left", overflow="fold", no_wrap=column == "id"
        )
    for row, values in table.iterrows():
        cells = [
            Text(_cell(value), style="bold green" if best.get(str(column)) == row else "")
            for column, value in values.items()
        ]
        printed.add_row(*cells)
    return printed


def _is_metric(column: str) -> bool:
    return column.split("/")[0] in ("test", "val", "baseline")


def _is_parameter(column: str) -> bool:
    return column not in ("run", "config", "status", "group", "id") and not _is_metric(column)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    text = "" if value is None else str(value)
    return f"{float(text):.4g}" if DRAWN.fullmatch(text) else text


def _read(arguments: list[str]) -> tuple[list[str], dict[str, str], str | None]:
    """Return the wanted runs, one name or those of two runs, option to file, and the address of the database.

    ``--csv FILE`` and ``--csv=FILE`` mean the same.
    """
    files: dict[str, str] = {}
    named: list[str] = []
    address = None
    while arguments:
        argument = arguments.pop(0)
        option, equals, value = argument.partition("=")
        if option == ADDRESS and equals:
            address = value
            continue
        if option not in OPTIONS:
            named.append(argument)
            continue
        if not equals:
            value = arguments.pop(0) if arguments else ""
        if not value:
            raise ConfigurationError(f"{option}: name the file to write")
        files[option] = value
    if len(named) not in (1, 2):
        raise ConfigurationError(
            "compare: name one experiment, configuration or sweep, such as: compare piezo; or two runs"
        )
    return named, files, address
