"""The report that a finished run on a table prints: metrics of the model and its baselines, and where to look."""

from collections.abc import Mapping, Sequence

from rich.table import Table as RichTable

from remanence.data.opened_table import OpenedTable
from remanence.foundation.terminal import console
from remanence.studies.presentation import print_whereabouts, with_spread
from remanence.tracking.run import Run
from remanence.training.score import metric_name

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
    part = f"test/{metric_name(target)}" if len(data.targets) > 1 else "test"
    tested = sum(len(fold.test) for fold in data.folds)
    folds = f" in {len(data.folds)} folds" if len(data.folds) > 1 else ""
    title = f"{data.columns.label(target)} on {tested} test rows{folds} of {data.source.name}"
    table = RichTable(title=title, title_justify="left")
    table.add_column("model")
    for label in SHOWN.values():
        table.add_column(label, justify="right")
    rows = {"this run": part, **{baseline: f"baseline/{baseline}/{part}" for baseline in baselines}}
    best = min(rows.values(), key=lambda prefix: metrics[f"{prefix}/rmse"])
    for label, prefix in rows.items():
        # the spread is over folds; with a single fold, over members
        values = [
            with_spread(metrics, f"{prefix}/{key}", f"{prefix}/{key}_sd", f"{prefix}/member_{key}_sd") for key in SHOWN
        ]
        table.add_row(label, *values, style="bold green" if prefix == best else "")
    console.print(table)
    if best != part:
        console.print(f"{best.split('/')[1]} predicts these rows better than the model of this run.", style="yellow")
    if f"{part}/coverage" in metrics:
        console.print(f"intervals cover {metrics[f'{part}/coverage']:.1%} of the test rows")
