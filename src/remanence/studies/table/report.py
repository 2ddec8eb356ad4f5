"""The report that a finished run on a table prints: metrics of the model and its baselines, and where to look."""

from collections.abc import Mapping, Sequence

from remanence.data.opened_table import OpenedTable
from remanence.foundation.terminal import console
from remanence.studies.presentation import print_coverage, print_models, print_whereabouts, with_spread
from remanence.tracking.run import Run
from remanence.training.score import target_names

SHOWN = {"r2": "R²", "rmse": "RMSE", "mae": "MAE", "relative_error": "relative error"}


def print_report(
    tracked: Run, metrics: Mapping[str, float], baselines: Sequence[str], data: OpenedTable, *, brief: bool
) -> None:
    """Print the test metrics of the model and its baselines, one table per target.

    Args:
        tracked: finished run.
        metrics: all final metrics of the run.
        baselines: names of the baselines.
        data: opened data, for names, units and the number of test rows.
        brief: whether to print one line only, as the trials of a sweep do.
    """
    name = tracked.name
    if brief:
        r2 = metrics.get("test/r2", float("nan"))
        console.print(f"{name}: test R² {r2:.4f}, RMSE {metrics['test/rmse']:.4g}  {tracked.id}")
        return
    for target in data.targets:
        _print_target(metrics, baselines, data, target)
    print_whereabouts(tracked, name)


def _print_target(metrics: Mapping[str, float], baselines: Sequence[str], data: OpenedTable, target: str) -> None:
    part = f"test/{target_names(data.targets)[target]}" if len(data.targets) > 1 else "test"
    tested = sum(len(fold.test) for fold in data.folds)
    folds = f" in {len(data.folds)} folds" if len(data.folds) > 1 else ""
    title = f"{data.columns.label(target)} on {tested} test rows{folds} of {data.source.name}"
    rows = {"this run": part, **{baseline: f"baseline/{baseline}/{part}" for baseline in baselines}}
    best = min(rows.values(), key=lambda prefix: metrics[f"{prefix}/rmse"])

    def values(prefix: str) -> list[str]:
        """Return the metrics of a model; their spread is over folds or, with a single fold, over members."""
        return [
            with_spread(metrics, f"{prefix}/{key}", f"{prefix}/{key}_sd", f"{prefix}/member_{key}_sd") for key in SHOWN
        ]

    print_models(title, SHOWN.values(), [(label, values(prefix), prefix == best) for label, prefix in rows.items()])
    if best != part:
        console.print(f"{best.split('/')[1]} predicts these rows better than the model of this run.", style="yellow")
    print_coverage(metrics, part)
