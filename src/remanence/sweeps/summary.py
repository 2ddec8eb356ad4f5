"""What a finished sweep shows on its parent run: every trial, the best of them, how the search went, its runs."""

import re

import numpy as np
import pandas as pd
import yaml
from mlflow.entities import Run as MlflowRun
from mlflow.entities import RunTag
from optuna.study import Study

from remanence.figures.history import plot_history
from remanence.figures.side_by_side import plot_side_by_side
from remanence.figures.spectra.error_maps import plot_error_maps
from remanence.sweeps.page import study_page
from remanence.sweeps.trial_table import best_trials, count_outcomes, trial_table
from remanence.tracking.parameters import complete_parameters
from remanence.tracking.run import Run
from remanence.tracking.search import tracked_runs
from remanence.training.score import metric_name

MAX_PANELS = 8


def summarise(parent: Run, study: Study) -> None:
    """Log a study and its runs on the run that groups them.

    Of the study: tables of the trials and of the Pareto front of several objectives, ``search_space.yaml``,
    ``figures/history`` and ``figures/sweep.html``, metrics ``trials/<outcome>`` and ``best/<objective>``, and a single
    best trial as tags ``remanence.best.<key>`` (parameters of a run could not change when the sweep goes on).
    Of the runs: one table, and of up to ``MAX_PANELS`` their predictions or error maps side by side.
    """
    _log_study(parent, study)
    found = tracked_runs(parent.client, parent.id)
    runs = [run for run in found if run.info.status == "FINISHED" and "remanence.outcome" not in run.data.tags]
    if not runs:
        return
    rows = [
        {
            "run": run.info.run_name,
            **complete_parameters(run.data.params),
            **run.data.metrics,
            "id": run.info.run_id,
        }
        for run in runs
    ]
    parent.log_table(pd.DataFrame(rows), "runs")
    if not 1 < len(runs) <= MAX_PANELS:
        return
    logged = {artifact.path for artifact in parent.client.list_artifacts(runs[0].info.run_id, "tables")}
    if "tables/latents.parquet" in logged:
        _show_errors(parent, runs)
    for path in sorted(logged):  # a chain has one for each scale
        if path.startswith("tables/test_predictions") and path.endswith(".csv"):
            _show_predictions(parent, runs, path.removeprefix("tables/"))


def _log_study(parent: Run, study: Study) -> None:
    trials, best = trial_table(study), best_trials(study)
    directions = dict(zip(study.user_attrs["objective"], (d.name.lower() for d in study.directions), strict=True))
    parent.log_table(_readable(trials), "trials")
    parent.log_text(yaml.safe_dump(study.user_attrs["space"], sort_keys=False, allow_unicode=True), "search_space.yaml")
    parent.log_text(study_page(study), "figures/sweep.html")
    metrics = {f"trials/{outcome}": float(count) for outcome, count in count_outcomes(study).items()}
    if best:
        valued = trials[trials["outcome"].isin(["ok", "skipped"])]
        for name, direction in directions.items():
            values = valued[name].to_numpy(dtype=np.float64)
            metrics[f"best/{name}"] = float(values.min() if direction == "minimize" else values.max())
        figure, _ = plot_history(trials, directions, title=study.study_name)
        parent.log_figure(figure, "history")
    parent.log_metrics(metrics)
    if len(directions) > 1:
        parent.log_table(_readable(trials[trials["number"].isin([trial.number for trial in best])]), "pareto_front")
    elif best:
        found = {"run": best[0].user_attrs.get("run"), **best[0].params}
        tags = [RunTag(f"remanence.best.{_tag_name(key)}", str(value)) for key, value in found.items()]
        parent.client.log_batch(parent.id, tags=tags)


def _tag_name(key: str) -> str:
    return re.sub(r"[^\w.\-/: ]", "_", key)


def _readable(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the table with nothing where a value is missing."""
    return trials.astype(object).where(trials.notna(), "")


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
