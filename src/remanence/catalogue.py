"""``remanence data list | describe | simulate | fetch``: what there is to train on."""

from collections.abc import Callable, Sequence

import pandas as pd
from rich.table import Table as RichTable

from remanence.configuration.compose import compose
from remanence.configuration.validate import nearest, validate
from remanence.data.nbbt import COLUMNS, NBBT
from remanence.data.published import PUBLISHED, cache, fetch
from remanence.data.table_file import read_table, write_table
from remanence.errors import ConfigurationError
from remanence.terminal import console


def main(arguments: list[str]) -> int:
    """Answer one of the four questions about data."""
    actions: dict[str, Callable[[Sequence[str]], None]] = {
        "list": list_data,
        "describe": describe,
        "simulate": simulate,
        "fetch": fetch_data,
    }
    if not arguments or arguments[0] not in actions:
        given = f", got '{arguments[0]}'{nearest(arguments[0], actions)}" if arguments else ""
        raise ConfigurationError(f"data: expected one of {', '.join(actions)}{given}")
    actions[arguments[0]](arguments[1:])
    return 0


def list_data(arguments: Sequence[str]) -> None:
    """Print every simulator and published file."""
    table = RichTable("name", "kind", "what it is", "use it with")
    table.add_row("nbbt", "synthetic", "NBT-BT campaign: composition, LPHslope, eps_r, d33", "experiment=piezo/ns")
    for name, entry in PUBLISHED.items():
        here = "cached" if (cache() / name).is_file() else "not fetched"
        table.add_row(name, f"published, {here}", entry.about, "experiment=piezo/knn")
    table.add_row("table", "your own", "CSV, Excel or Parquet", "experiment=piezo/table data.path=mine.csv")
    console.print(table)


def describe(arguments: Sequence[str]) -> None:
    """Print the columns, ranges and origin of a data set."""
    name = _one_name("describe", arguments)
    if name == "nbbt":
        frame = _simulated([]).frame
        console.print("nbbt: synthetic NBT-BT campaign; the trends are the paper's, the numbers are ours.")
        console.print("Series NS, QS, Sr and Bi; data.replicates ceramics per composition. One replicate holds:")
        _print_columns(frame, COLUMNS)
        return
    entry = PUBLISHED[name]
    console.print(f"{name}: {entry.about}\nsource   {entry.url}\nlicence  {entry.licence}\nsha256   {entry.sha256}")
    if (cache() / name).is_file():
        frame = read_table(cache() / name, [])
        _print_columns(frame.apply(_numbers_if_all), {})
    else:
        console.print(f"not fetched yet: remanence data fetch {name}")


def simulate(arguments: Sequence[str]) -> None:
    """Write a synthetic data set: ``simulate nbbt out.csv data.replicates=5``."""
    if len(arguments) < 2 or arguments[0] != "nbbt":
        raise ConfigurationError("data simulate: expected nbbt <file> [data.replicates=… data.series=… data.noise=…]")
    frame = _simulated(arguments[2:]).frame
    write_table(frame, arguments[1])
    console.print(f"{len(frame)} synthetic rows written to {arguments[1]}")


def fetch_data(arguments: Sequence[str]) -> None:
    """Fetch a published file into the cache."""
    console.print(str(fetch(_one_name("fetch", arguments))))


def _simulated(overrides: Sequence[str]) -> NBBT:
    for override in overrides:
        if not override.startswith("data."):
            raise ConfigurationError(f"data simulate: expected data.<key>=<value>, got '{override}'")
    values = validate(compose(["data=nbbt", *overrides]))["data"]
    data = NBBT(**{key: value for key, value in values.items() if key != "_target_"})
    data.frame, data.source = data.read()
    return data


def _one_name(action: str, arguments: Sequence[str]) -> str:
    known = [*(["nbbt"] if action == "describe" else []), *PUBLISHED]
    if len(arguments) != 1 or arguments[0] not in known:
        given = f", got '{' '.join(arguments)}'{nearest(' '.join(arguments), known)}" if arguments else ""
        raise ConfigurationError(f"data {action}: expected one of {', '.join(known)}{given}")
    return arguments[0]


def _print_columns(frame: pd.DataFrame, about: dict[str, str]) -> None:
    table = RichTable("column", "values", "what it is" if about else "")
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values):
            shown = f"{values.min():.4g} to {values.max():.4g}"
        else:
            shown = f"{values.nunique()} different, such as {values.iloc[0]}"
        table.add_row(str(column), shown, about.get(str(column), ""))
    console.print(table)
    console.print(f"{len(frame)} rows")


def _numbers_if_all(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.isna().any() else numbers
