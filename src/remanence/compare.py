"""``remanence compare piezo``: a row a run, only the parameters that differ, the best marked."""

from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table as RichTable
from rich.text import Text

from remanence.errors import ConfigurationError
from remanence.terminal import console

METRICS = ("test/r2", "test/rmse", "test/mae", "test/mse", "test/mse_sampled", "test/active_units", "val/mse")
"""Shown where at least one run has them: a table has rmse and mae, spectra have mse and active units."""
ABOUT = ("run", "config", "status", "id")
MOST_PARAMETERS = 8
"""Columns of parameters that a terminal can show; runs of several configurations differ in dozens."""
LOWER_IS_BETTER = ("rmse", "mae", "mse", "mse_sampled", "relative_error", "loss", "active_units")


def main(arguments: list[str]) -> int:
    """Print the runs of an experiment, a configuration or a sweep; ``--csv FILE`` writes the table as well."""
    arguments, csv = _take_csv(list(arguments))
    if len(arguments) != 1:
        raise ConfigurationError("compare: name one experiment, configuration or sweep, such as: compare piezo")
    table = compare(arguments[0])
    print_comparison(table, title=arguments[0])
    if csv is not None:
        if not Path(csv).absolute().parent.is_dir():
            raise ConfigurationError(f"--csv: the folder of {csv} does not exist")
        table.to_csv(csv, index=False)
        console.print(f"written to {csv}")
    return 0


def compare(wanted: str) -> pd.DataFrame:
    """Return one row per run: name, status, differing parameters, metrics and run id.

    Args:
        wanted: ``piezo``, ``piezo/ns``, or the id of a sweep.

    Raises:
        ConfigurationError: if nothing is found.
    """
    from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
    from remanence.tracking.database import connect
    from remanence.tracking.search import tracked_runs

    uri = tracking_uri(None, default_outputs())
    runs = tracked_runs(connect(uri), wanted)
    if not runs:
        raise ConfigurationError(f"compare: no runs of '{wanted}' in {without_secrets(uri)}")
    parameters = pd.DataFrame([run.data.params for run in runs]).fillna("")
    differing = [key for key in parameters.columns if key not in ABOUT and parameters[key].nunique() > 1]
    shown = [key for key in METRICS if any(key in run.data.metrics for run in runs)]
    metrics = pd.DataFrame([{key: run.data.metrics.get(key) for key in shown} for run in runs])
    baselines = pd.DataFrame([_best_baseline(run.data.metrics) for run in runs])
    about = pd.DataFrame(
        [
            {"run": run.info.run_name, "config": run.data.tags.get("remanence.config"), "status": run.info.status}
            for run in runs
        ]
    )
    ids = pd.Series([run.info.run_id for run in runs], name="id")
    return pd.concat([about, parameters[sorted(differing)], metrics, baselines, ids], axis=1)


def print_comparison(table: pd.DataFrame, *, title: str) -> None:
    """Print the table with the best value of each metric in bold green."""
    parameters = [column for column in table.columns if _is_parameter(str(column))]
    if len(parameters) > MOST_PARAMETERS:
        table = table.drop(columns=parameters)
    printed = RichTable(title=f"{title}: {len(table)} runs", title_justify="left")
    metrics = [column for column in table.columns if column.split("/")[0] in ("test", "val", "baseline")]
    best = {column: _best_row(table[column], column) for column in metrics}
    for column in table.columns:
        is_number = column in metrics and column != "baseline/best"
        printed.add_column(str(column), justify="right" if is_number else "left", overflow="fold")
    for row, values in table.iterrows():
        cells = [
            Text(_cell(value), style="bold green" if best.get(str(column)) == row else "")
            for column, value in values.items()
        ]
        printed.add_row(*cells)
    console.print(printed)
    if len(parameters) > MOST_PARAMETERS:
        console.print(f"{len(parameters)} parameters differ: see --csv FILE, or compare one configuration or sweep")


def _is_parameter(column: str) -> bool:
    return column not in ABOUT and column not in METRICS and not column.startswith("baseline/")


def _best_baseline(metrics: dict[str, float]) -> dict[str, Any]:
    """Return the highest test R² among the baselines of a run, and whose it is."""
    scores = {key.split("/")[1]: value for key, value in metrics.items() if _is_baseline_r2(key)}
    if not scores:
        return {"baseline/best": "", "baseline/r2": None}
    name = max(scores, key=lambda key: scores[key])
    return {"baseline/best": name, "baseline/r2": scores[name]}


def _is_baseline_r2(key: str) -> bool:
    return key.startswith("baseline/") and key.endswith("/test/r2") and key.count("/") == 3


def _best_row(values: pd.Series, column: str) -> Any:
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().sum() < 2:
        return None
    return numbers.idxmin() if column.endswith(LOWER_IS_BETTER) else numbers.idxmax()


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return "" if value is None else str(value)


def _take_csv(arguments: list[str]) -> tuple[list[str], str | None]:
    for index, argument in enumerate(arguments):
        if argument.startswith("--csv="):
            return arguments[:index] + arguments[index + 1 :], argument.removeprefix("--csv=")
        if argument == "--csv":
            if index + 1 == len(arguments):
                raise ConfigurationError("--csv: name the file to write")
            return arguments[:index] + arguments[index + 2 :], arguments[index + 1]
    return arguments, None
