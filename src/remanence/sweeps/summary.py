"""What a finished sweep shows on its parent run: its runs in one table, and what they predict side by side."""

import numpy as np
import pandas as pd
from mlflow.entities import Run as MlflowRun

from remanence.figures.side_by_side import plot_side_by_side
from remanence.figures.spectra.error_maps import plot_error_maps
from remanence.tracking.run import Run
from remanence.tracking.search import tracked_runs
from remanence.training.score import metric_name

MAX_PANELS = 8


def summarise(parent: Run) -> None:
    """Log ``tables/runs`` and, for up to ``MAX_PANELS`` runs, their predictions or error maps side by side."""
    runs = [run for run in tracked_runs(parent.client, parent.id) if run.info.status == "FINISHED"]
    if not runs:
        return
    rows = [{"run": run.info.run_name, **run.data.params, **run.data.metrics, "id": run.info.run_id} for run in runs]
    parent.log_table(pd.DataFrame(rows), "runs")
    if not 1 < len(runs) <= MAX_PANELS:
        return
    logged = {artifact.path for artifact in parent.client.list_artifacts(runs[0].info.run_id, "tables")}
    if "tables/latents.parquet" in logged:
        _show_errors(parent, runs)
    for path in sorted(logged):  # a chain has one for each scale
        if path.startswith("tables/test_predictions") and path.endswith(".csv"):
            _show_predictions(parent, runs, path.removeprefix("tables/"))


def _show_predictions(parent: Run, runs: list[MlflowRun], file: str) -> None:
    """Draw the held-out rows of a table of predictions, ``figures/side_by_side_<target>``."""
    tables = {run.info.run_name: pd.read_csv(_file(parent, run, file)) for run in runs}
    first = next(iter(tables.values()))
    targets = [str(name) for name in first if {f"{name}_predicted", f"{name}_error"} <= set(first)]
    for target in targets:
        panels = {}
        for name, table in tables.items():
            measured, predicted = table[target].to_numpy(), table[f"{target}_predicted"].to_numpy()
            panels[name] = (measured, predicted, f"RMSE {np.sqrt(np.mean((predicted - measured) ** 2)):.3g}")
        figure, _ = plot_side_by_side(panels, label=target, title="held-out rows")
        parent.log_figure(figure, f"side_by_side_{metric_name(target)}")


def _show_errors(parent: Run, runs: list[MlflowRun]) -> None:
    """Draw the error maps of spectra on one scale."""
    maps = {}
    for run in runs:
        pixels = pd.read_parquet(_file(parent, run, "latents.parquet"))
        if "row" in pixels and (pixels["row"] >= 0).any():
            scene = pixels[pixels["row"] >= 0].pivot(index="row", columns="column", values="mse")
            name = run.info.run_name.removeprefix("model=").replace("_", " ")  # words, so that a long one can break
            maps[name] = scene.to_numpy(dtype=np.float64)
    if maps:
        worst = float(np.nanpercentile(np.concatenate([values.ravel() for values in maps.values()]), 99))
        figure, _ = plot_error_maps(maps, title="error of each pixel (squared z-scores)", vmax=worst)
        parent.log_figure(figure, "error_maps")


def _file(parent: Run, run: MlflowRun, name: str) -> str:
    path: str = parent.client.download_artifacts(run.info.run_id, f"tables/{name}")
    return path
