"""The report that a finished run of a chain prints: errors of every scale and its baselines, and where to look."""

from collections.abc import Mapping, Sequence

from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.foundation.terminal import console
from remanence.studies.known_rows import tested as tested_rows
from remanence.studies.presentation import (
    ITS_NETWORKS,
    OWN,
    P,
    notes,
    p_values,
    print_coverage,
    print_models,
    print_pooled,
    print_whereabouts,
    smaller_error,
    stands_out,
    with_spread,
)
from remanence.tracking.run import Run
from remanence.training.score import target_names

SHOWN = {"mae": "MAE", "median_error": "median error", "rmse": "RMSE", "r2": "R²"}


def print_report(
    tracked: Run,
    metrics: Mapping[str, float],
    baselines: Sequence[str],
    data: OpenedChain,
    *,
    coverage: float,
    brief: bool,
) -> None:
    """Print the held-out errors of the chain and its baselines, one table per scale and target.

    Args:
        tracked: finished run.
        metrics: all final metrics of the run.
        baselines: names of the baselines.
        data: opened data, for names, units and the number of test rows.
        coverage: nominal coverage of the intervals.
        brief: whether to print one line only, as the trials of a sweep do.
    """
    name = tracked.name
    if brief:
        errors = ", ".join(f"{scale} MAE {metrics[f'test/{scale}/mae']:.4g}" for scale in data.rows)
        console.print(f"{name}: {errors}  {tracked.id}")
        return
    for scale, on_scale in data.rows.items():
        for target in on_scale.targets:
            _print_target(metrics, baselines, scale, on_scale, target, coverage)
    print_whereabouts(tracked, name)


def _print_target(
    metrics: Mapping[str, float],
    baselines: Sequence[str],
    scale: str,
    on_scale: ScaleRows,
    target: str,
    coverage: float,
) -> None:
    part = f"{scale}/{target_names(on_scale.targets)[target]}" if len(on_scale.targets) > 1 else scale
    tested = sum(len(fold.test) for fold in on_scale.folds)
    folds = f" in {len(on_scale.folds)} folds" if len(on_scale.folds) > 1 else ""
    title = f"{scale}: {on_scale.columns.label(target)} on {tested} test rows{folds} of {on_scale.source.name}"
    rows = {OWN: f"test/{part}", **{name: f"baseline/{name}/test/{part}" for name in baselines}}
    if f"test/{scale}/network/mae" in metrics:
        own = part.replace(scale, f"{scale}/network", 1)
        rows[ITS_NETWORKS] = f"test/{own}"
    rows = {label: prefix for label, prefix in rows.items() if f"{prefix}/mae" in metrics}
    best = min(rows.values(), key=lambda prefix: metrics[f"{prefix}/mae"])

    p_of = p_values(metrics, rows.values())

    def values(prefix: str) -> list[str]:
        shown = [with_spread(metrics, f"{prefix}/{key}", f"{prefix}/{key}_sd") for key in SHOWN]
        return [*shown, *([p_of[prefix]] if p_of else [])]

    shown = stands_out(metrics, best, rows.values())
    by_error = sorted(rows.items(), key=lambda row: metrics[f"{row[1]}/mae"])
    headings = [*SHOWN.values(), *([P] if p_of else [])]
    print_models(title, headings, [(label, values(prefix), shown and prefix == best) for label, prefix in by_error])
    compared = sum(map(bool, p_of.values()))
    if said := notes(folds=len(on_scale.folds), members=False, baselines=compared, tested=bool(p_of)):
        console.print(said)
    print_pooled(metrics, f"test/{part}")
    if (better := smaller_error(metrics, rows, own=f"test/{part}")) is not None:
        console.print(better[1], style="yellow")
    unit = on_scale.columns.units.get(target, "")
    print_coverage(metrics, f"test/{part}", nominal=coverage, rows=len(tested_rows(on_scale)), unit=unit)
