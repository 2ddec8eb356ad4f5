"""Runs on spectra beside each other: the error map of each run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from mlflow.entities import Run as MlflowRun

from remanence.figures.spectra.error_maps import plot_error_maps
from remanence.tracking.artifact import logged_path
from remanence.tracking.run import Run


def show_errors(parent: Run, runs: Sequence[MlflowRun]) -> None:
    """Draw the error maps of all runs on one colour scale, as ``figures/error_maps``.

    Args:
        parent: run of the sweep, which the figure is logged to.
        runs: finished runs of the sweep.
    """
    maps = {}
    for run in runs:
        pixels = pd.read_parquet(logged_path(parent.client, run.info.run_id, "tables/latents.parquet"))
        if (pixels["row"] >= 0).any():
            scene = pixels[pixels["row"] >= 0].pivot(index="row", columns="column", values="mse")
            name = run.info.run_name.removeprefix("model=").replace("_", " ")  # spaces let a long name break
            maps[name] = scene.to_numpy(dtype=np.float64)
    if maps:
        worst = float(np.nanpercentile(np.concatenate([values.ravel() for values in maps.values()]), 99))
        figure, _ = plot_error_maps(maps, title="error of each pixel (squared z-scores)", vmax=worst)
        parent.log_figure(figure, "error_maps")
