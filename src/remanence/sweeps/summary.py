"""What a finished sweep shows on its parent run: its runs in one table and their predictions side by side."""

import numpy as np
import pandas as pd

from remanence.figures.side_by_side import plot_side_by_side
from remanence.tracking.run import Run
from remanence.tracking.search import tracked_runs
from remanence.training.score import metric_name

MAX_PANELS = 8


def summarise(parent: Run) -> None:
    """Log ``tables/runs`` and, for up to ``MAX_PANELS`` runs on tables, ``figures/side_by_side_<target>``."""
    runs = [run for run in tracked_runs(parent.client, parent.id) if run.info.status == "FINISHED"]
    if not runs:
        return
    rows = [{"run": run.info.run_name, **run.data.params, **run.data.metrics, "id": run.info.run_id} for run in runs]
    parent.log_table(pd.DataFrame(rows), "runs")
    if not 1 < len(runs) <= MAX_PANELS:
        return
    tables = {
        run.info.run_name: pd.read_csv(parent.client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"))
        for run in runs
    }
    first = next(iter(tables.values()))
    targets = [str(name) for name in first if {f"{name}_predicted", f"{name}_error"} <= set(first)]
    for target in targets:
        panels = {}
        for name, table in tables.items():
            measured, predicted = table[target].to_numpy(), table[f"{target}_predicted"].to_numpy()
            panels[name] = (measured, predicted, f"RMSE {np.sqrt(np.mean((predicted - measured) ** 2)):.3g}")
        figure, _ = plot_side_by_side(panels, label=target, title="held-out rows")
        parent.log_figure(figure, f"side_by_side_{metric_name(target)}")
