"""Texts that the reports and figures of all studies share."""

from collections.abc import Iterable, Mapping

from rich.table import Table as RichTable

from remanence.foundation.terminal import console
from remanence.studies.kind import Opened
from remanence.tracking.run import Run


def marked(text: str, data: Opened) -> str:
    """Return a heading; if the data are simulated, the heading says so."""
    return f"{text} (synthetic data)" if data.synthetic else text


def with_spread(metrics: Mapping[str, float], key: str, *spreads: str) -> str:
    """Return a metric as text, with ± the first of ``spreads`` that is known; – if the metric is unknown."""
    if key not in metrics:
        return "–"
    spread = next((metrics[name] for name in spreads if name in metrics), None)
    return f"{metrics[key]:.4g}" + (f" ± {spread:.2g}" if spread is not None else "")


def print_models(title: str, columns: Iterable[str], rows: Iterable[tuple[str, Iterable[str], bool]]) -> None:
    """Print a table with one row for each model.

    Args:
        title: title of the table.
        columns: headings of the metrics.
        rows: for each model its name, its metrics as text, and whether it is the best, which is highlighted.
    """
    table = RichTable("model", title=title, title_justify="left")
    for heading in columns:
        table.add_column(heading, justify="right")
    for name, values, is_best in rows:
        table.add_row(name, *values, style="bold green" if is_best else "")
    console.print(table)


def print_coverage(metrics: Mapping[str, float], part: str) -> None:
    """Print how many test rows the intervals of ``part``, such as ``test/d33``, cover, if there are intervals."""
    if f"{part}/coverage" in metrics:
        console.print(f"intervals cover {metrics[f'{part}/coverage']:.1%} of the test rows")


def print_whereabouts(tracked: Run, name: str) -> None:
    """Print where the finished run ``name`` can be viewed."""
    console.print(f"run      {name}  {tracked.id}")
    console.print(f"figures  {tracked.folder / 'figures'}")
    console.print("compare  remanence ui   (or: make ui)")
