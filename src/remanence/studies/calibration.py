"""How many held-out rows the intervals of a run cover, at every nominal coverage and in every quarter of the rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from remanence.data.opened_table import OpenedTable
from remanence.figures.calibration_curve import Covered, plot_calibration_curve
from remanence.figures.style import stated
from remanence.figures.symbols import symbol
from remanence.foundation.names import file_names
from remanence.science.conformal import conformal_half_width
from remanence.studies.presentation import marked, own_name
from remanence.tracking.run import Run
from remanence.training.fitted import Fitted, FoldResult
from remanence.training.score import LEAST_ROWS, quarters

NOMINAL = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Nominal coverages, .05 to .95."""
ALL = "all"
PARTS = {"all": "all test rows", "q1": "quarter predicted lowest", "q4": "quarter predicted highest"}
"""Parts of ``calibration_table`` that are drawn, and their names."""
CHANCE = 0.95
"""Share of the samples for which the range of a coverage holds it."""


def calibration_table(fitted: Fitted, data: OpenedTable) -> pd.DataFrame:
    """Return the observed coverage of the test rows for each nominal coverage.

    Args:
        fitted: calibrated fit of a run's own model.
        data: rows, and the folds that hold some of them out.

    Returns:
        a row for each target, nominal coverage and part of the rows: ``all``, or the quarters ``q1`` to ``q4`` of the
        predictions, the lowest first. ``covered`` is the share of rows inside their interval, ``low`` and ``high`` the
        range in which 95 % of the tables of as many rows would have it (Clopper and Pearson; a row that several folds
        test counts once), ``mean_width`` that of the intervals. Without rows where nothing is calibrated.
    """
    folds = [calibrated for fold in fitted.folds if (calibrated := _calibrated(fold, data)) is not None]
    rows = []
    for column, target in enumerate(data.targets if folds else []):
        tested = [fold.predicted["test"][0] for fold in folds]
        predicted = np.concatenate([fold.predicted["test"][1][:, column] for fold in folds])
        error = np.abs(predicted - data.y[np.concatenate(tested), column])
        repeated = len(error) / len(np.unique(np.concatenate(tested)))
        parts = {ALL: np.arange(len(error))}
        if len(error) >= LEAST_ROWS:
            parts |= {f"q{number}": quarter for number, quarter in enumerate(quarters(predicted), 1)}
        for nominal in sorted({*NOMINAL, fitted.coverage}):
            width = np.concatenate([_half_width(fold.scores[column], fold.sizes, column, nominal) for fold in folds])
            for part, own in parts.items():
                known = own[np.isfinite(width[own])]
                if not len(known):
                    continue
                covered = float((error[known] <= width[known]).mean())
                low, high = _range(covered, max(1, round(len(known) / repeated)))
                rows.append(
                    {
                        "target": target,
                        "part": part,
                        "nominal": nominal,
                        "covered": covered,
                        "low": low,
                        "high": high,
                        "mean_width": float(2 * width[known].mean()),
                    }
                )
    return pd.DataFrame(rows)


def illustrate_intervals(tracked: Run, fitted: Fitted, data: OpenedTable, *, brief: bool, scale: str = "") -> None:
    """Log the coverage of the test rows as a table, and draw it, of all rows and of the quarters at both ends.

    Args:
        tracked: run that table and figures are logged to.
        fitted: fit of the run's own model, with intervals.
        data: rows, and the folds that hold some of them out.
        brief: whether to log the table only.
        scale: name of the scale of a chain, which the names of table and figures then have.
    """
    table = calibration_table(fitted, data)
    if not len(table):
        return
    name = f"calibration_{scale}" if scale else "calibration"
    tracked.log_table(table, name)
    if brief:
        return
    files = file_names(data.targets)
    for target, own in table.groupby("target", sort=False):
        parts = {
            shown: Covered(*(rows[column].to_numpy() for column in ("covered", "low", "high")))
            for part, shown in PARTS.items()
            if len(rows := own[own["part"] == part]) == own["nominal"].nunique()
        }
        nominal = np.unique(own["nominal"])
        asked = own[(own["nominal"] == fitted.coverage) & (own["part"] == "all")]
        label = symbol(data.columns.label(str(target)))
        note = f"at {fitted.coverage:.0%}: no end, for want of rows"  # such intervals are not in the table
        if len(asked):
            first = asked.iloc[0]
            width = stated("mean width", first["mean_width"], label)
            note = f"at {fitted.coverage:.0%}: {first['covered']:.1%}\n{width}"
        title = f"{marked(scale or own_name(fitted.model), data)}: intervals of {label}"
        figure, _ = plot_calibration_curve(nominal, parts, title=title, note=note)
        tracked.log_figure(figure, f"{name}_{files[str(target)]}")


def _calibrated(fold: FoldResult, data: OpenedTable) -> FoldResult | None:
    """Return a fold with what its intervals are calibrated on: of one width, the errors of its validation rows."""
    if fold.scores and fold.sizes is not None:
        return fold
    if "val" not in fold.predicted or not np.isfinite(fold.half_width).any():
        return None
    rows, predicted = fold.predicted["val"]
    errors = np.sort(np.abs(data.y[rows] - predicted), axis=0)
    return replace(fold, scores=list(errors.T), sizes=np.ones_like(fold.half_width))


def _half_width(
    scores: NDArray[np.float64], sizes: NDArray[np.float64] | None, column: int, nominal: float
) -> NDArray[np.float64]:
    assert sizes is not None  # of a fold that is calibrated
    half_width: NDArray[np.float64] = conformal_half_width(scores, nominal) * sizes[:, column]
    return half_width


def _range(covered: float, rows: int) -> tuple[float, float]:
    """Return the range of a share of so many rows."""
    inside, tail = round(covered * rows), (1 - CHANCE) / 2
    low = float(beta.ppf(tail, inside, rows - inside + 1)) if inside else 0.0
    high = float(beta.ppf(1 - tail, inside + 1, rows - inside)) if inside < rows else 1.0
    return low, high
