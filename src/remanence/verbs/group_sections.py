"""What the page of a comparison shows of each group of runs: their learning curves, and their figures side by side."""

import math
from collections.abc import Sequence
from html import escape

from remanence.figures.learning_curves import plot_learning_curves
from remanence.tracking.comparable import grouped
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.logged_files import LoggedFiles
from remanence.verbs.figure_shelves import figure_shelves
from remanence.verbs.page import drawn_figure

MOST_RUNS = 50
"""Most runs of a group whose figures are shown."""
MOST_CURVES = 20
"""Most learning curves in one figure: more cannot be told apart."""
MOST_GROUPS = 6
"""Most groups with figures of their own, those with the most runs."""
CURVES = ("val/loss", "train/loss")
"""Losses of which the first that a run of the group has is drawn."""


def group_sections(runs: Sequence[ComparedRun], files: LoggedFiles, objective: tuple[str, bool] | None) -> list[str]:
    """Return HTML with learning curves and figures of each group of at least two runs.

    Simulated data that differ by their seed alone are one group here: nothing is ranked.

    Args:
        runs: runs, the oldest first.
        files: files of the runs.
        objective: metric by which the best runs are chosen where there are many, and whether lower is better.
    """
    of_group = grouped(runs, drawn_alike=True)
    several = {group: members for group, members in of_group.items() if len(members) > 1}
    largest = sorted(several, key=lambda group: len(several[group]), reverse=True)[:MOST_GROUPS]
    chosen = {group: best_runs(several[group], objective, MOST_RUNS) for group in largest}
    figures = figure_shelves(chosen, files)
    sections = []
    for group in largest:
        on = f": {group}" if len(of_group) > 1 else ""
        sections.append(learning_curves(several[group], files, objective, f"Learning curves{on}"))
        if group in figures:
            left = len(several[group]) - len(chosen[group])
            most = f" {left} runs are left out: the best {MOST_RUNS} are shown." if left else ""
            note = f"A click on a figure shows it in its size.{most}"
            heading = escape(f"Figures side by side{on}")
            sections.append(f'<h2>{heading}</h2><p class="note">{note}</p>{figures[group]}')
    if len(several) > len(largest):
        sections.append(f'<p class="note">Figures of the {MOST_GROUPS} groups with the most runs are shown.</p>')
    return [section for section in sections if section]


def learning_curves(
    runs: Sequence[ComparedRun], files: LoggedFiles, objective: tuple[str, bool] | None, heading: str
) -> str:
    """Return the losses of runs over their epochs as HTML; empty if none has a loss."""
    metric = next((key for key in CURVES if any(key in run.data.metrics for run in runs)), None)
    if metric is None:
        return ""
    having = [run for run in runs if metric in run.data.metrics]
    drawn = best_runs(having, objective, MOST_CURVES)
    histories = files.history(drawn, metric)
    curves = {f"{run.info.run_name} {run.info.run_id[:SHORT_ID]}": histories.get(run.info.run_id, []) for run in drawn}
    most = f" The best {MOST_CURVES} of {len(having)} runs." if len(having) > len(drawn) else ""
    note = f"{metric} of each run. A click on a name hides its curve, a double click the others.{most}"
    return drawn_figure(heading, note, plot_learning_curves(curves, metric=metric))


def best_runs(runs: Sequence[ComparedRun], objective: tuple[str, bool] | None, most: int) -> list[ComparedRun]:
    """Return the runs with the best objective in their own order; the newest if there is no objective."""
    if len(runs) <= most:
        return list(runs)
    if objective is None:
        return list(runs[-most:])
    metric, minimize = objective

    def loss(run: ComparedRun) -> float:
        value = run.data.metrics.get(metric, math.nan)
        return (value if minimize else -value) if math.isfinite(value) else math.inf

    kept = {run.info.run_id for run in sorted(runs, key=loss)[:most]}
    return [run for run in runs if run.info.run_id in kept]
