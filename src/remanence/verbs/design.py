"""``remanence design run=<id> target='d33>200' over='x=0:0.25'``: inputs for which a tracked model predicts a property.

For a chain of scales, the arguments are for example ``target='binding_energy<8' constraints='gap in [1.2,1.8]'``.
"""

from collections.abc import Mapping

import pandas as pd
from rich.table import Table as RichTable

from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, write_table
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.studies.design.verdicts import INTERVALS, VERDICTS, verdict
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments

KEYS = ("over", "constraints", "ions", "step")
"""Keys of a request to a model, see ``Applied.design``; each kind of model checks which of them it accepts."""


def main(arguments: list[str]) -> int:
    """Print the best candidates with their intervals, and mark candidates outside the training data."""
    given = read_arguments("design", arguments, required=["run", "target"], optional=[*KEYS, "top", "output"])
    top = given.get("top", "10")
    if not top.isdigit() or int(top) < 1:
        raise ConfigurationError(f"design: top must be a number of at least 1, got '{top}'")
    if "output" in given:
        check_output(given["output"], WRITERS)
    asked = {key: given[key] for key in KEYS if key in given}
    table = design(given["run"], given["target"], asked, output=given.get("output"), uri=given.get(ADDRESS))
    of_chain = "found_by" in table.attrs.get(VERDICTS, table)
    what = "candidates" if of_chain else "compositions"
    if "output" in given:
        write_table(table, given["output"])
        console.print(f"{len(table)} {what} written to {given['output']}")
    best = table.head(int(top))
    wanted = " and ".join([given["target"], *([given["constraints"]] if "constraints" in given else [])])
    title = f"{wanted} over {given['over']}" if "over" in given else wanted
    shown, outside = _with_intervals(best) if "units" in best.attrs else best, verdict(best, "extrapolated") == "yes"
    _print_table(shown, outside, title=title)
    met = int((verdict(table, "meets") == "yes").sum())
    # a search for the inputs closest to a value has no condition, so that all candidates meet it
    found = (
        f"{len(table)} {what}, best first"
        if of_chain and met == len(table)
        else f"{met} of {len(table)} {what} meet {wanted}"
    )
    console.print(f"{found}; yellow: outside the training data")
    return 0


def design(
    wanted: str, target: str, asked: Mapping[str, str], *, output: str | None = None, uri: str | None = None
) -> pd.DataFrame:
    """Return candidates for a property, those inside the training data first, each group with the best first.

    Args:
        wanted: id or name of a run on a table or on a chain of scales.
        target: wanted property, such as ``d33>200`` or ``d33=max``; for a chain also ``gap=1.34`` or
            ``gap in [1.2,1.8]``.
        asked: further keys of the request. For a table: ``over``, the ranges of its features, see
            ``studies.design.table_grid.search_table``. For a chain: ``constraints``, ``ions`` and ``step``, see
            ``studies.design.chain_search.search_chain``.
        output: file that the candidates will be written to, which must not be one of those that the run was trained on.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: for a key or property that the run does not have, or an unreadable value.
        DataError: if the run's own data file is gone or has changed; its rows decide what counts as extrapolated.
    """
    from remanence.studies.own_data import own_files
    from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    if output is not None:
        check_output(output, inputs=own_files(run), what=f"data of run {run.id}")
    return apply(run).design(target, asked)


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return candidates for printing: each value with its interval as text, and units in the header."""
    shown = table.copy()
    for column, ends in table.attrs.get(INTERVALS, {}).items():
        low, high = (shown.pop(end) for end in ends)
        interval = [f" ({a:.3g} to {b:.3g})" if a < b else "" for a, b in zip(low, high, strict=True)]
        shown[column] = [f"{value:.4g}{width}" for value, width in zip(table[column], interval, strict=True)]
    return shown.rename(columns={name: f"{name} ({unit})" for name, unit in table.attrs["units"].items()})


def _print_table(table: pd.DataFrame, is_outside: pd.Series, *, title: str) -> None:
    shown = RichTable(title=title, title_justify="left")
    for column in table.columns:
        shown.add_column(str(column), justify="right")
    for (_, row), outside in zip(table.iterrows(), is_outside, strict=True):
        cells = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        shown.add_row(*cells, style="yellow" if outside else "")
    console.print(shown)
