"""The model card of rows with folds: how well a model predicts rows that it has not seen, and how far to trust it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.data.splits import fitted_rows
from remanence.science.significance import SIGNIFICANT
from remanence.studies.card import quantity, shown, table
from remanence.studies.known_rows import tested
from remanence.studies.presentation import notes, p_of, p_values, with_spread
from remanence.studies.row_data_card import held_out_told, leaked, unit_of
from remanence.training.fitted import Fitted, held_out

SHOWN = {"mae": "MAE", "rmse": "RMSE", "r2": "R²"}


def trained_on(data: OpenedTable, members: int) -> list[str]:
    """Return in sentences which rows the logged model, and those whose errors are given, were fitted to.

    Args:
        data: rows and folds.
        members: number of networks; 0 for a model without members.
    """
    fitted = len(fitted_rows(data.folds))
    told = [f"Predicts {', '.join(map(data.columns.label, data.targets))} from {data.x.shape[1]} inputs."]
    several = f"the models of all folds together{f', {members} networks among them' if members else ''}"
    if len(data.folds) > 1:
        told.append(
            f"The logged model is {several}, which have seen all {fitted} rows. The errors below are of rows that the "
            "models of a fold had not seen; nobody has tested the logged model itself, which knows more rows."
        )
    else:
        told.append(f"Fitted to {fitted} rows, {len(tested(data))} others test it.")
    return [*told, *held_out_told(data)]


def quality(
    metrics: Mapping[str, float],
    rows: Mapping[str, str],
    data: OpenedTable,
    target: str,
) -> list[str]:
    """Return a table of the errors of a model and its baselines on held-out rows, and what follows from it.

    Args:
        metrics: all final metrics of the run.
        rows: label of a model to the beginning of the names of its metrics, the run's own model first.
        data: rows and folds.
        target: column that is predicted.
    """
    p_of = p_values(metrics, rows.values())
    there = {label: prefix for label, prefix in rows.items() if f"{prefix}/mae" in metrics}
    ordered = sorted(there.items(), key=lambda row: metrics[f"{row[1]}/mae"])
    headings = ["model", *SHOWN.values(), *(["p"] if p_of else [])]
    lines = [
        [
            label,
            *(with_spread(metrics, f"{prefix}/{key}", f"{prefix}/{key}_sd") for key in SHOWN),
            *([p_of.get(prefix, "")] if p_of else []),
        ]
        for label, prefix in ordered
    ]
    told = [f"{data.columns.label(target)}, {sum(len(fold.test) for fold in data.folds)} predictions of held-out rows:"]
    told.append(table(headings, lines))
    baselines = sum(map(bool, p_of.values()))
    if said := notes(folds=len(data.folds), members=False, baselines=baselines, tested=bool(p_of)):
        told.append(f"{said}.")
    return [*told, *_against_baselines(metrics, there)]


def _against_baselines(metrics: Mapping[str, float], rows: Mapping[str, str]) -> list[str]:
    own, *others = rows.items()
    baselines = [(label, prefix) for label, prefix in others if prefix.startswith("baseline/")]
    if not baselines:
        return ["No baseline stands beside it: whether a simpler model would do is not known."]
    label, best = min(baselines, key=lambda row: metrics[f"{row[1]}/mae"])
    error, least = metrics[f"{own[1]}/mae"], metrics[f"{best}/mae"]
    p = p_of(metrics, best)
    sure = "; no test with a single fold" if p is None else f" (p = {p:.2g})" if p < SIGNIFICANT else ", within chance"
    if error > least:
        return [f"**{label} errs less than this model**: {shown(least)} against {shown(error)}{sure}."]
    share = 1 - error / least if least else 0.0
    return [f"It errs by {share:.1%} less than the best baseline, {label}{sure}."]


def intervals(metrics: Mapping[str, float], part: str, *, nominal: float, rows: int, unit: str) -> list[str]:
    """Return in sentences how many held-out rows the intervals cover.

    Args:
        metrics: all final metrics of the run.
        part: beginning of the names of the metrics, such as ``test/d33``.
        nominal: nominal coverage.
        rows: number of held-out rows, each counted once.
        unit: unit of the target.
    """
    if f"{part}/coverage" not in metrics:
        return ["It has no intervals: how far a single prediction is off is not known."]
    covered, width = metrics[f"{part}/coverage"], metrics[f"{part}/interval_width"]
    chance = 1.96 * (nominal * (1 - nominal) / rows) ** 0.5
    told = f"Intervals of {nominal:.0%} cover {covered:.1%} of the held-out rows (by chance ± {chance:.1%}), "
    told += f"mean width {shown(width)} {unit}".rstrip()
    lines = [f"{told}."]
    if covered < nominal - chance:
        lines.append("**They are too narrow**: take them as a lower bound of the error.")
    quarters = [metrics[key] for number in range(1, 5) if (key := f"{part}/coverage_q{number}") in metrics]
    if quarters:
        shares = ", ".join(f"{share:.0%}" for share in quarters)
        lines.append(f"Of the quarters with the lowest to the highest predictions: {shares}.")
    return lines


def trust(metrics: Mapping[str, float], fitted: Fitted, data: OpenedTable, column: int, part: str) -> list[str]:
    """Return in sentences for which samples the errors hold, and how large single errors are.

    Args:
        metrics: all final metrics of the run.
        fitted: fit of the run's own model.
        data: rows and folds.
        column: which target.
        part: beginning of the names of its metrics.
    """
    target = data.targets[column]
    unit, values = unit_of(target, data), data.y[:, column]
    wrong = np.abs(held_out(fitted.folds, data.y)[:, column] - values)
    known = wrong[np.isfinite(wrong)]
    half, tenth, largest = np.quantile(known, 0.5), np.quantile(known, 0.9), known.max()
    told = [
        _for_whom(data),
        f"Half of the held-out rows are predicted within {shown(float(half))}, nine tenths within "
        f"{shown(float(tenth))}, all within {quantity(largest, unit)}.",
        f"Measured values were {shown(float(values.min()))} to {quantity(values.max(), unit)}: "
        "nothing is known of predictions beyond.",
    ]
    told += _floor(data, column, metrics.get(f"{part}/rmse"), unit)
    told += _worst_fold(wrong, data, unit)
    if fitted.region is not None:
        told.append(
            "`predict` marks rows outside the training rows by `extrapolated`: for them the errors above do not hold."
        )
    return told


def _for_whom(data: OpenedTable) -> str:
    if str(data.split.get("kind")) == "transfer":
        return "The errors are of one transfer, from the rows that train to those that test, and of no other."
    if share := leaked(data):
        return f"**{share:.0%} of the tested rows repeat inputs that were fitted**: new samples will be harder."
    if data.rows.groups is not None:
        return "The errors are of families of which the model has seen no row."
    return (
        "The errors are of rows drawn at random from the same table, whose inputs had not been fitted: samples from "
        "another source, or of another family, are another question (`data.groups`)."
    )


def _floor(data: OpenedTable, column: int, rmse: float | None, unit: str) -> list[str]:
    floor = float(data.equal.noise_floor(data.y)[column])
    if rmse is None or not np.isfinite(floor) or floor <= 0:
        return []
    return [
        f"Rows with equal inputs differ by {quantity(floor, unit)} (noise floor); the RMSE is {shown(rmse / floor)} "
        "times that."
    ]


def _worst_fold(wrong: NDArray[np.float64], data: OpenedTable, unit: str) -> list[str]:
    if len(data.folds) < 3:
        return []
    errors = [float(np.nanmean(wrong[fold.test])) for fold in data.folds]
    return [f"Mean errors of single folds: {shown(min(errors))} to {quantity(max(errors), unit)}."]
