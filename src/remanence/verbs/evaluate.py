"""``remanence evaluate run=<id> [data.path=other.csv]``: metrics of a tracked model on other rows or scans."""

from collections.abc import Sequence

from rich.table import Table as RichTable

from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments


def main(arguments: list[str]) -> int:
    """Print the metrics of a run's model on a table or a scan, by default on the data that the run held out."""
    given = read_arguments("evaluate", arguments, required=["run"], optional=["data.path", "data.dir"], group="data")
    if {"data.path", "data.dir"} <= set(given):
        raise ConfigurationError("evaluate: data.path and data.dir name the same thing; give one of them")
    other = given.pop("data.path", None) or given.pop("data.dir", None)
    changes = [f"{key}={value}" for key, value in given.items() if key.startswith("data.")]
    metrics = evaluate(given["run"], other, changes, uri=given.get(ADDRESS))
    table = RichTable(title=f"run {given['run']} on {other or 'what it held out'}")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for key, value in metrics.items():
        table.add_row(key, f"{value:.6g}")
    console.print(table)
    return 0


def evaluate(
    wanted: str, path: str | None = None, changes: Sequence[str] = (), *, uri: str | None = None
) -> dict[str, float]:
    """Return the metrics of the model that a run logged: ``test/…``, and ``train/…`` of rows that it was fitted to.

    Args:
        wanted: id or name of the run, or the address of a registered model.
        path: path of a table with the model's features and targets, or of a scan like the run's; None takes the data
            that the run held out.
        changes: overrides for reading a scan, such as ``data.cycle=0``.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if the run or its model cannot be found.
        DataError: if the run's own file has changed, so that nobody knows what the run held out; if the table lacks a
            column, has it in another unit, or has a bad cell; if the scan is of another instrument.
    """
    with importing():
        from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    return apply(run).evaluate(path, changes)
