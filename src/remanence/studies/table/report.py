"""The report that a finished run on a table prints: metrics of the model and its baselines, and where to look."""

from collections.abc import Mapping, Sequence

from remanence.configuration.folder import conf_folder
from remanence.data.opened_table import OpenedTable
from remanence.foundation.names import NETWORK
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
    with_spread,
)
from remanence.tracking.run import Run
from remanence.training.score import target_names

SHOWN = {"r2": "R²", "rmse": "RMSE", "mae": "MAE", "relative_error": "relative error"}


def print_report(
    tracked: Run,
    metrics: Mapping[str, float],
    baselines: Sequence[str],
    data: OpenedTable,
    *,
    coverage: float,
    brief: bool,
    fitted_before: str = "",
) -> None:
    """Print the test metrics of the model and its baselines, one table per target.

    Args:
        tracked: finished run.
        metrics: all final metrics of the run.
        baselines: names of the baselines.
        data: opened data, for names, units and the number of test rows.
        coverage: nominal coverage of the intervals.
        brief: whether to print one line only, as the trials of a sweep do.
        fitted_before: line on tested rows that a forked run was fitted to, see ``told_fitted_before``.
    """
    name = tracked.name
    if brief:
        r2 = metrics.get("test/r2", float("nan"))
        console.print(f"{name}: test R² {r2:.4f}, RMSE {metrics['test/rmse']:.4g}  {tracked.id}")
        return
    for target in data.targets:
        _print_target(metrics, baselines, data, target, coverage)
    if fitted_before:
        console.print(fitted_before, style="yellow")
    print_whereabouts(tracked, name)


def _print_target(
    metrics: Mapping[str, float], baselines: Sequence[str], data: OpenedTable, target: str, coverage: float
) -> None:
    part = f"test/{target_names(data.targets)[target]}" if len(data.targets) > 1 else "test"
    tested = sum(len(fold.test) for fold in data.folds)
    folds = f" in {len(data.folds)} folds" if len(data.folds) > 1 else ""
    title = f"{data.columns.label(target)} on {tested} test rows{folds} of {data.source.name}"
    network = "/".join(["test", NETWORK, *part.split("/")[1:]])
    networks = {ITS_NETWORKS: network} if f"{network}/rmse" in metrics else {}
    rows = {OWN: part, **networks, **{baseline: f"baseline/{baseline}/{part}" for baseline in baselines}}
    best = min(rows.values(), key=lambda prefix: metrics[f"{prefix}/rmse"])

    p_of = p_values(metrics, rows.values())

    def values(prefix: str) -> list[str]:
        """Return the metrics of a model; their spread is over folds or, with a single fold, over members."""
        has_members = prefix == (network if networks else part)
        shown = [
            with_spread(
                metrics,
                f"{prefix}/{key}",
                f"{prefix}/{key}_sd",
                *([f"{part}/member_{key}_sd"] if has_members else []),
            )
            for key in SHOWN
        ]
        return [*shown, *([p_of[prefix]] if p_of else [])]

    headings = [*SHOWN.values(), *([P] if p_of else [])]
    print_models(title, headings, [(label, values(prefix), prefix == best) for label, prefix in rows.items()])
    members = f"{part}/member_r2_sd" in metrics
    if said := notes(folds=len(data.folds), members=members, baselines=len(baselines), tested=bool(p_of)):
        console.print(said)
    print_pooled(metrics, part)
    unit = data.columns.units.get(target, "")
    if floor := metrics.get(f"{part}/noise_floor"):  # 0: all equal rows are copies, which tell nothing of noise
        console.print(
            f"noise floor: {floor:.4g} {unit}".rstrip()
            + ", the pooled sd within sets of equal inputs: about the least "
            "RMSE that these inputs allow"
        )
    if (better := smaller_error(metrics, rows, own=part)) is not None:
        name, told = better
        trains = f"; model={name} trains it" if (conf_folder() / "model" / f"{name}.yaml").is_file() else ""
        console.print(f"{told}{trains}", style="yellow")
    print_coverage(metrics, part, nominal=coverage, rows=len(tested_rows(data)), unit=unit)
