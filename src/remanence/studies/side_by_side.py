"""Runs on tables beside each other: the predictions of each run for its held-out rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from mlflow.entities import Run as MlflowRun

from remanence.figures.side_by_side import plot_side_by_side
from remanence.tracking.run import Run
from remanence.training.score import metric_name


def show_predictions(parent: Run, runs: Sequence[MlflowRun]) -> None:
    """Draw the parity plots of all runs for every table of predictions, as ``figures/side_by_side_<target>``.

    Args:
        parent: run of the sweep, which the figures are logged to.
        runs: finished runs of the sweep.
    """
    logged = [artifact.path for artifact in parent.client.list_artifacts(runs[0].info.run_id, "tables")]
    for path in sorted(logged):  # a chain has one table for each scale
        if path.startswith("tables/test_predictions") and path.endswith(".csv"):
            _show_table(parent, runs, path)


def _show_table(parent: Run, runs: Sequence[MlflowRun], path: str) -> None:
    tables = {run.info.run_name: pd.read_csv(parent.client.download_artifacts(run.info.run_id, path)) for run in runs}
    first = next(iter(tables.values()))
    targets = [str(name) for name in first if {f"{name}_predicted", f"{name}_error"} <= set(first)]
    for target in targets:
        panels = {}
        for name, table in tables.items():
            measured, predicted = table[target].to_numpy(), table[f"{target}_predicted"].to_numpy()
            panels[name] = (measured, predicted, f"RMSE {np.sqrt(np.mean((predicted - measured) ** 2)):.3g}")
        figure, _ = plot_side_by_side(panels, label=target, title="held-out rows")
        parent.log_figure(figure, f"side_by_side_{metric_name(target)}")
