"""``remanence evaluate run=<id> [data.path=other.csv]``: metrics of a tracked model on other rows or scans."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table as RichTable

from remanence.arguments import check_changes, read_arguments
from remanence.data.declared_units import read_declared
from remanence.errors import ConfigurationError
from remanence.terminal import console


def main(arguments: list[str]) -> int:
    """Print the metrics of a run's model on a table or a scan, by default on what the run itself held out."""
    given = read_arguments("evaluate", arguments, required=["run"], optional=["data.path", "data.dir"], group="data")
    if {"data.path", "data.dir"} <= set(given):
        raise ConfigurationError("evaluate: data.path and data.dir name the same thing; give one of them")
    other = given.pop("data.path", None) or given.pop("data.dir", None)
    metrics = evaluate(given["run"], other, [f"{key}={value}" for key, value in given.items() if key != "run"])
    table = RichTable(title=f"run {given['run']} on {other or 'what it held out'}")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for key, value in metrics.items():
        table.add_row(key, f"{value:.6g}")
    console.print(table)
    return 0


def evaluate(wanted: str, path: str | None = None, changes: Sequence[str] = ()) -> dict[str, float]:
    """Return the test metrics of the model that a run logged.

    Args:
        wanted: id or name of the run, or the address of a registered model.
        path: a table with the model's features and targets, or a scan like the run's; None takes what the run held
            out.
        changes: overrides for reading a scan, such as ``data.cycle=0``.

    Raises:
        ConfigurationError: if the run or its model is not there.
        DataError: if the table lacks a column, has it in another unit, or has a bad cell; if the scan is of another
            instrument.
    """
    from remanence.tracking.search import open_run, stored_config

    client, run_id = open_run(wanted)  # an unknown run is answered before torch is imported
    from remanence.tracking.logged_chain import ChainModel
    from remanence.tracking.logged_model import TableModel, load_logged_model
    from remanence.tracking.logged_spectra import SpectralModel
    from remanence.training.score import score

    loaded = load_logged_model(run_id)
    check_changes("evaluate", changes, of_spectra=isinstance(loaded, SpectralModel), has_file=path is not None)
    if isinstance(loaded, ChainModel):
        from remanence.studies.nested.apply import evaluate_chain

        return evaluate_chain(loaded, path)
    if not isinstance(loaded, TableModel):
        from remanence.studies.unmixing.apply import evaluate_spectra

        return evaluate_spectra(loaded, stored_config(client, run_id), path, list(changes))
    columns = loaded.columns
    if path is None:
        from remanence.configuration.build import build

        data: Any = build("data", stored_config(client, run_id)["data"]).open()
        if len(data.folds) > 1:
            raise ConfigurationError(
                f"evaluate: run {run_id} held every row out in turn, so its model has seen them all; "
                "its honest numbers are in the run; give data.path=<other rows>"
            )
        frame, source = data.frame.iloc[data.fold.test], data.source.name
    else:
        named, source = [*columns.features, *columns.targets], Path(path).name
        frame = read_declared(path, named, columns.units)
    actual = columns.encode_targets(frame, source)
    predicted = np.asarray(loaded.predict(frame, source=source))
    return {"rows": float(len(frame)), **score("test", columns.targets, actual, predicted)}
