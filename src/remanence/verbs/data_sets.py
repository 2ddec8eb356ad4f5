"""Data sets that a model can be trained on: simulators, published files and tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table as RichTable

from remanence.configuration.compose import compose
from remanence.configuration.on_offer import on_offer
from remanence.configuration.validate import check_target, nearest
from remanence.data.array_file import summarise_arrays
from remanence.data.cells import is_empty, typed
from remanence.data.headerless_table import read_headerless
from remanence.data.nbbt import COLUMNS, NBBT
from remanence.data.output_file import check_output
from remanence.data.published import fetch
from remanence.data.published_files import PUBLISHED
from remanence.data.table_file import READERS, WORKBOOK, WRITERS, read_table, write_table
from remanence.data.workbook import check_size
from remanence.errors import ConfigurationError
from remanence.foundation.cache_folder import cache_folder
from remanence.foundation.terminal import console
from remanence.science.band_excitation.switching import FACTORS

PACE = "pace="
"""Beginning of the argument with the pixels a second of a scan that is written as an instrument writes."""


def list_data(arguments: Sequence[str]) -> None:
    """Print every simulator and published file."""
    table = RichTable("name", "kind", "what it is", "use it with")
    table.add_row("nbbt", "synthetic", "NBT-BT campaign: composition, LPHslope, eps_r, d33", "experiment=piezo/ns")
    scan = "band-excitation scan of ferroelectric domains, latent maps known"
    table.add_row("beps", "synthetic", scan, "experiment=beps/raw data.path=scan.h5")
    for name, entry in PUBLISHED.items():
        here = "cached" if (cache_folder() / name).is_file() else "not fetched"
        table.add_row(name, f"published, {here}", entry.about, entry.use)
    table.add_row("table", "your own", "CSV, Excel or Parquet", "experiment=piezo/table data.path=mine.csv")
    console.print(table)


def describe(arguments: Sequence[str]) -> None:
    """Print the columns, ranges and origin of a data set."""
    name = _one_name("describe", arguments)
    if name == "nbbt":
        frame, _ = NBBT(**_configured("nbbt", [])).read()
        console.print("nbbt: synthetic NBT-BT campaign; the trends are the paper's, the numbers are ours.")
        console.print("Series NS, QS, Sr and Bi; data.replicates ceramics per composition. One replicate holds:")
        _print_columns(frame, COLUMNS)
        return
    if name == "beps":
        _describe_scan()
        return
    entry = PUBLISHED[name]
    console.print(f"{name}: {entry.about}\nsource   {entry.url}\nlicence  {entry.licence}\nsha256   {entry.sha256}")
    console.print(f"use      {entry.use}")
    path = cache_folder() / name
    if not path.is_file():
        console.print(f"not fetched yet: remanence data fetch {name}")
    elif path.suffix in READERS:
        frame = read_headerless(path, entry.columns) if entry.columns else read_table(path, [])
        _print_columns(typed(frame), {})
    else:
        _print_arrays(path)


def simulate(arguments: Sequence[str]) -> None:
    """Write a synthetic data set: ``simulate nbbt out.csv data.noise=2``, ``simulate beps scan.h5 data.rows=30``.

    ``pace=64`` writes a scan as an instrument does, so many pixels a second, while it can be read.
    """
    if len(arguments) < 2 or arguments[0] not in _simulators():
        raise ConfigurationError("data simulate: expected nbbt <file> or beps <file.h5>, then data.<key>=<value> …")
    name, path, *rest = arguments
    pace, overrides = _pace(name, rest)
    if name == "nbbt":
        campaign = NBBT(**_configured(name, overrides))
        check_output(path, WRITERS)
        if Path(path).suffix.lower() == WORKBOOK:
            check_size(campaign.samples, len(COLUMNS), path)
        frame, _ = campaign.read()
        write_table(frame, path)
        console.print(f"{len(frame)} synthetic rows written to {path}")
        return
    from remanence.data.spectra.simulated import SimulatedScan  # imports torch and h5py, which only this action needs

    scan = SimulatedScan(**_configured(name, overrides))
    if pace is not None:
        from remanence.data.spectra.simulated_instrument import write_at_pace

        console.print(f"simulating; then {path} gets {pace:g} pixels a second")
        console.print(f"{write_at_pace(scan, path, pace=pace)} pixels written to {path}")
        return
    scan.write(path)
    console.print(f"{scan.spectra} synthetic spectra of {scan.rows} x {scan.cols} pixels written to {path}")


def _pace(name: str, given: Sequence[str]) -> tuple[float | None, list[str]]:
    """Return the pixels a second at which a scan is written, None for at once, and the other arguments."""
    paces = [argument.removeprefix(PACE) for argument in given if argument.startswith(PACE)]
    rest = [argument for argument in given if not argument.startswith(PACE)]
    if not paces:
        return None, rest
    try:
        pace = float(paces[-1])
    except ValueError:
        pace = 0.0
    if name != "beps" or not 0 < pace < float("inf"):
        raise ConfigurationError(f"data simulate: pace={paces[-1]}: expected pixels a second of a scan (beps), above 0")
    return pace, rest


def fetch_data(arguments: Sequence[str]) -> None:
    """Fetch a published file into the cache."""
    console.print(str(fetch(_one_name("fetch", arguments))))


def _configured(simulator: str, overrides: Sequence[str]) -> dict[str, Any]:
    """Return the arguments of a simulator from ``conf/data`` and the command line, checked."""
    for override in overrides:
        if not override.startswith("data."):
            raise ConfigurationError(f"data simulate: expected data.<key>=<value>, got '{override}'")
    cfg = compose([f"data={_simulators()[simulator]}", *overrides])
    values = check_target("data", cfg, allowed=cfg.allowed_targets)
    return {key: value for key, value in values.items() if key != "_target_"}


def _describe_scan() -> None:
    values = _configured("beps", [])
    console.print(
        "beps: synthetic band-excitation scan of c/a - a1/a2 domains, h5USID; the mechanisms are the paper's."
    )
    console.print(
        "Write one with: remanence data simulate beps scan.h5; train with experiment=beps/raw data.path=scan.h5"
    )
    console.print("The published loops of a real film are beps/*.npy: experiment=beps/pzt")
    console.print(", ".join(f"{key} {value}" for key, value in values.items()))
    table = RichTable("latent factor", "range", "what it is")
    for name, factor in FACTORS.items():
        table.add_row(name, f"{factor.low:g} to {factor.high:g} {factor.unit}".rstrip(), factor.about)
    console.print(table)


def _one_name(action: str, arguments: Sequence[str]) -> str:
    known = [*(_simulators() if action == "describe" else ()), *PUBLISHED]
    if len(arguments) != 1 or arguments[0] not in known:
        given = f", got '{' '.join(arguments)}'{nearest(' '.join(arguments), known)}" if arguments else ""
        raise ConfigurationError(f"data {action}: expected one of {', '.join(known)}{given}")
    return arguments[0]


def _print_columns(frame: pd.DataFrame, about: dict[str, str]) -> None:
    table = RichTable("column", "values", "what it is" if about else "")
    for column in frame.columns:
        values = frame[column][~frame[column].map(is_empty)]
        if values.empty:
            shown = "empty"
        elif pd.api.types.is_numeric_dtype(values):
            shown = f"{values.min():.4g} to {values.max():.4g}"
        else:
            shown = f"{values.nunique()} different, such as {values.iloc[0]}"
        if 0 < len(values) < len(frame):
            shown += f"; {len(frame) - len(values)} empty"
        table.add_row(str(column), shown, about.get(str(column), ""))
    console.print(table)
    console.print(f"{len(frame)} rows")


def _print_arrays(path: Path) -> None:
    table = RichTable("array", "shape", "holds", "values")
    for array in summarise_arrays(path):
        table.add_row(array.name, " x ".join(map(str, array.shape)), array.kind, array.span)
    console.print(table)


def _simulators() -> dict[str, str]:
    """Return the name of each simulator as a user types it, to the name of its file in ``conf/data``."""
    found = {described.simulator: name for name, described in on_offer("data").items() if described.simulator}
    return dict(sorted(found.items(), key=lambda entry: entry[1].startswith("_")))  # what can be trained on comes first
