"""``remanence design run=<id> target='d33>200' over='x=0:0.25'``: inputs for which a tracked model promises a property.

``target='binding_energy<8' constraints='gap in [1.2,1.8]'`` asks a chain of scales.
"""

import pandas as pd
from rich.table import Table as RichTable

from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, write_table
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, read_arguments

OF_TABLES = ("over",)
"""Keys for a run on one table."""
OF_CHAINS = ("constraints", "ions", "step")
"""Keys for a run on a chain of scales."""


def main(arguments: list[str]) -> int:
    """Print the best candidates, with intervals, and mark those outside the training data."""
    optional = [*OF_TABLES, *OF_CHAINS, "top", "output"]
    given = read_arguments("design", arguments, required=["run", "target"], optional=optional)
    top = given.get("top", "10")
    if not top.isdigit() or int(top) < 1:
        raise ConfigurationError(f"design: top must be a number of at least 1, got '{top}'")
    if "output" in given:
        check_output(given["output"], WRITERS)
    asked = {key: given[key] for key in (*OF_TABLES, *OF_CHAINS) if key in given}
    table = design(given["run"], given["target"], **asked, uri=given.get(ADDRESS))
    is_chain = "found_by" in table
    kind = "candidates" if is_chain else "compositions"
    if "output" in given:
        write_table(table, given["output"])
        console.print(f"{len(table)} {kind} written to {given['output']}")
    best = table.head(int(top))
    wanted = " and ".join([given["target"], *([given["constraints"]] if "constraints" in given else [])])
    title = f"{wanted} over {given['over']}" if "over" in given else wanted
    _print_table(_with_intervals(best) if is_chain else best, best["extrapolated"] == "yes", title=title)
    met = int((table["meets"] == "yes").sum())
    # a chain may be asked only for the closest to a value, which all meet
    verdict = (
        f"{len(table)} {kind}, best first"
        if is_chain and met == len(table)
        else f"{met} of {len(table)} {kind} meet {wanted}"
    )
    console.print(f"{verdict}; yellow: outside the training data")
    return 0


def design(
    wanted: str,
    target: str,
    over: str | None = None,
    *,
    constraints: str | None = None,
    ions: str | None = None,
    step: str | None = None,
    uri: str | None = None,
) -> pd.DataFrame:
    """Return candidates for a property, inside the training data first, best first.

    Args:
        wanted: id or name of a run on a table or on a chain of scales.
        target: such as ``d33>200`` or ``d33=max``; of a chain also ``gap=1.34`` or ``gap in [1.2,1.8]``.
        over: ranges of a table's features, see ``studies.design.table_grid.search_table``.
        constraints: on further properties of a chain, see ``studies.design.chain_search.search_chain``; likewise
            ``ions`` and ``step``.
        ions: of the grid.
        step: of the grid.
        uri: of the database of runs; None takes the default one.

    Raises:
        ConfigurationError: for a key or property that the run does not have, or an unreadable value.
        DataError: if the run's own file, whose rows say what is extrapolated, is not there or has changed.
    """
    from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # an unknown run is answered before torch is imported
    from remanence.studies.design.chain_search import search_chain
    from remanence.studies.design.table_grid import search_table
    from remanence.studies.own_data import open_own_data
    from remanence.studies.spectra.logged_model import SpectralModel
    from remanence.tracking.logged_model import TableModel, load_logged_model

    loaded = load_logged_model(run.id)
    of_chains = {
        key: value for key, value in zip(OF_CHAINS, (constraints, ions, step), strict=True) if value is not None
    }
    if isinstance(loaded, TableModel):
        if of_chains:
            raise ConfigurationError(
                f"design: {next(iter(of_chains))}= is for chains of scales; run {run.id} has one table"
            )
        if not over:
            raise ConfigurationError("design: over=… must be given")
        data = open_own_data(run)
        return search_table(loaded, data.x[data.folds[0].fitting], target=target, over=over)
    if isinstance(loaded, SpectralModel):
        raise ConfigurationError(f"design: run {run.id} unmixes spectra; only models of tables have inputs to search")
    if over is not None:
        raise ConfigurationError(f"design: over= is for runs on one table; run {run.id} is on a chain of scales")
    levels = open_own_data(run).levels
    trained = {scale: level.frame for scale, level in levels.items()}
    return search_chain(loaded, trained, target=target, **of_chains)


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return a chain's candidates as they are shown: intervals beside values, units in the header."""
    shown = table.copy()
    for column in table.columns:
        if f"{column}_low" in table:
            low, high = shown.pop(f"{column}_low"), shown.pop(f"{column}_high")
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
