"""``remanence compare piezo``: a table with one row per run, the parameters that differ, and the best values marked."""

import os
from typing import TYPE_CHECKING, Any

from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from remanence.data.output_file import check_output, writing
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run as MlflowRun

MOST_PARAMETERS = 8
"""Largest number of parameter columns in a terminal; runs of several configurations differ in dozens of parameters."""
OPTIONS = ("--csv", "--html")
UNLIMITED = 100_000
"""Width in characters that any table fits into."""


def main(arguments: list[str]) -> int:
    """Print the runs of an experiment, a configuration or a sweep; ``--csv`` and ``--html`` write them to a file."""
    wanted, files, address = _read(list(arguments))
    from remanence.tracking.address import default_outputs, sqlite_path, tracking_uri

    database = sqlite_path(tracking_uri(address, default_outputs()))
    for path in files.values():
        check_output(path, inputs=[] if database is None else [database], what="the database of runs")
    if len({os.path.realpath(path) for path in files.values()}) < len(files):
        raise ConfigurationError(f"compare: {' and '.join(files)} name the same file")
    from remanence.tracking.comparison import comparison_table

    runs, uri = found_runs(wanted, address)
    table = comparison_table(runs)
    print_comparison(table, title=wanted)
    if "--csv" in files:
        with writing(files["--csv"]) as unfinished:
            table.to_csv(unfinished, index=False)
    if "--html" in files:
        from remanence.verbs.comparison_page import comparison_page

        page = comparison_page(runs, title=wanted, uri=uri)
        with writing(files["--html"]) as unfinished:
            unfinished.write_text(page, encoding="utf-8")
    for path in files.values():
        console.print(f"written to {path}")
    return 0


def compare(wanted: str, uri: str | None = None) -> "pd.DataFrame":
    """Return one row per run: name, status, differing parameters, metrics and run id.

    Args:
        wanted: experiment, configuration or sweep, see ``found_runs``.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if nothing is found.
    """
    from remanence.tracking.comparison import comparison_table

    return comparison_table(found_runs(wanted, uri)[0])


def found_runs(wanted: str | None, uri: str | None = None, *, aside: bool = False) -> "tuple[list[MlflowRun], str]":
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
    from remanence.tracking.database import open_existing
    from remanence.tracking.search import tracked_runs

    address = tracking_uri(uri, default_outputs())
    runs = tracked_runs(open_existing(address, aside=aside), wanted)
    if not runs and wanted is not None:
        raise ConfigurationError(f"compare: no runs of '{wanted}' in {without_secrets(address)}")
    return runs, without_secrets(address)


def print_comparison(table: "pd.DataFrame", *, title: str) -> None:
    """Print the table with the best value of each metric in bold green.

    If the terminal is too narrow, the ids are printed in a second table: a wrapped id could not be copied.
    """
    parameters = [column for column in table.columns if _is_parameter(str(column))]
    if len(parameters) > MOST_PARAMETERS:
        table = table.drop(columns=parameters)
    whole = _printed(table, f"{title}: {len(table)} runs")
    if Measurement.get(console, console.options.update(max_width=UNLIMITED), whole).maximum <= console.width:
        console.print(whole)
    else:
        console.print(_printed(table.drop(columns="id", errors="ignore"), f"{title}: {len(table)} runs"))
        console.print(_printed(table[[column for column in ("run", "id") if column in table]], "their ids"))
    if len(parameters) > MOST_PARAMETERS:
        console.print(f"{len(parameters)} parameters differ: see --csv FILE, or compare one configuration or sweep")


def _printed(table: "pd.DataFrame", title: str) -> RichTable:
    from remanence.tracking.comparison import best_row

    printed = RichTable(title=title, title_justify="left")
    metrics = [column for column in table.columns if column.split("/")[0] in ("test", "val", "baseline")]
    best = {column: best_row(table[column], column) for column in metrics}
    for column in table.columns:
        is_number = column in metrics and column != "baseline/best"
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


def _is_parameter(column: str) -> bool:
    return column not in ("run", "config", "status", "id") and column.split("/")[0] not in ("test", "val", "baseline")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return "" if value is None else str(value)


def _read(arguments: list[str]) -> tuple[str, dict[str, str], str | None]:
    """Return the wanted runs, option to file, and the address of the database.

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
    if len(named) != 1:
        raise ConfigurationError("compare: name one experiment, configuration or sweep, such as: compare piezo")
    return named[0], files, address
