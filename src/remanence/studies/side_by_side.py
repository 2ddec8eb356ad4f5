"""Runs on tables beside each other: the predictions of each run for its held-out rows."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from mlflow.entities import Run as MlflowRun

from remanence.figures.parity_panels import plot_parity_panels
from remanence.figures.style import stated, unit_of
from remanence.foundation.names import file_names, free_names
from remanence.tracking.artifact import logged_path
from remanence.tracking.run import Run

ADDED = ("predicted", "error")
"""Columns that a run adds for each target, behind the user's columns; see ``fold_scores.prediction_table``."""


def show_predictions(parent: Run, runs: Sequence[MlflowRun]) -> None:
    """Draw the parity plots of all runs for every table of predictions, as ``figures/side_by_side_<target>``.

    Args:
        parent: run of the sweep, which the figures are logged to.
        runs: finished runs of the sweep.
    """
    logged = [artifact.path for artifact in parent.client.list_artifacts(runs[0].info.run_id, "tables")]
    names = free_names([str(run.info.run_name) for run in runs], ())
    shown: dict[str, dict[str, pd.DataFrame]] = {}
    for path in sorted(logged):  # a chain has one table for each scale
        if path.startswith("tables/test_predictions") and path.endswith(".csv"):
            read = [pd.read_csv(logged_path(parent.client, run.info.run_id, path)) for run in runs]
            shown |= {target: dict(zip(names, read, strict=True)) for target in _targets(read)}
    files = file_names(shown)
    for target, tables in shown.items():
        unit = "" if unit_of(target) else runs[0].data.params.get(f"data.units.{target}", "")
        panels, label = {}, f"{target} ({unit})" if unit else target
        for name, table in tables.items():
            predicted, error = (table[_own(table, f"{target}_{what}")].to_numpy() for what in ADDED)
            # of earlier releases, the table has the measured cells as they were typed, such as 345±5
            panels[name] = (predicted - error, predicted, stated("RMSE", float(np.sqrt(np.mean(error**2))), label))
        figure, _ = plot_parity_panels(panels, label=label, title="held-out rows")
        parent.log_figure(figure, f"side_by_side_{files[target]}")


def _targets(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return the columns that all runs have predicted."""
    return [
        str(name)
        for name in tables[0]
        if all(name in table and _own(table, f"{name}_{what}") for table in tables for what in ADDED)
    ]


def _own(table: pd.DataFrame, name: str) -> str | None:
    """Return the column that the run has added as ``name``, which has a number if the user has a column ``name``."""
    found = [str(column) for column in table if re.fullmatch(rf"{re.escape(name)}(_\d+)?", str(column))]
    return found[-1] if found else None
