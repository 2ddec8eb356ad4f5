"""What a finished run prints: the network beside its baselines, and where to look."""

from collections.abc import Mapping, Sequence

from rich.table import Table as RichTable

from remanence.data.table import Table
from remanence.terminal import console
from remanence.tracking.run import Run

SHOWN = {"r2": "R²", "rmse": "RMSE", "mae": "MAE", "relative_error": "relative error"}


def print_report(
    tracked: Run, metrics: Mapping[str, float], baselines: Sequence[str], data: Table, *, brief: bool
) -> None:
    """Print the test metrics of the model and its baselines.

    Args:
        tracked: the finished run.
        metrics: all final metrics.
        baselines: their names.
        data: for names, units and the number of test rows.
        brief: one line, as for the jobs of a sweep.
    """
    name = tracked.client.get_run(tracked.id).info.run_name
    if brief:
        console.print(f"{name}: test R² {metrics['test/r2']:.4f}, RMSE {metrics['test/rmse']:.4g}  {tracked.id}")
        return
    target = data.columns.label(data.targets[0])
    table = RichTable(title=f"{target} on {len(data.fold.test)} test rows of {data.source.name}", title_justify="left")
    table.add_column("model")
    for label in SHOWN.values():
        table.add_column(label, justify="right")
    rows = {"this run": "test", **{baseline: f"baseline/{baseline}/test" for baseline in baselines}}
    best = max(rows.values(), key=lambda prefix: metrics[f"{prefix}/r2"])
    for label, prefix in rows.items():
        values = [f"{metrics[f'{prefix}/{key}']:.4g}" for key in SHOWN]
        table.add_row(label, *values, style="bold green" if prefix == best else "")
    console.print(table)
    if best != "test":
        console.print(f"{best.split('/')[1]} predicts these rows better than the model of this run.", style="yellow")
    console.print(f"run      {name}  {tracked.id}")
    console.print(f"figures  {tracked.folder / 'figures'}")
    console.print("compare  remanence ui   (or: make ui)")
