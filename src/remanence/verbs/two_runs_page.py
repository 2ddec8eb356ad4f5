"""The HTML page of two runs: what changed, the code, metrics, learning curves, and their figures side by side."""

from html import escape

import pandas as pd
from plotly.offline import get_plotlyjs

from remanence.reproduction.run_differences import FOLDS, METRICS, Code
from remanence.tracking.comparison import shown_metrics
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.run import Run
from remanence.verbs.figure_shelves import figure_shelves
from remanence.verbs.group_sections import learning_curves
from remanence.verbs.html_table import html_table
from remanence.verbs.page import whole_page
from remanence.verbs.two_runs import fold_lines, metric_rows, unchanged

WIDTH = 720
"""Pixels of a figure: two stand beside each other."""
LONGEST = 200_000
"""Most characters of a patch that are shown."""


def two_runs_page(table: pd.DataFrame, one: Run, other: Run, files: LoggedFiles, code: Code) -> str:
    """Return the page; what the runs have stored is escaped.

    Args:
        table: table of ``run_differences``.
        one: the first run.
        other: the second run.
        files: files of both.
        code: their code.
    """
    names = [f"{run.name} {run.id[:SHORT_ID]}" for run in (one, other)]
    changed = table[~table["part"].isin((METRICS, FOLDS))]
    rows = [["", "", *names]]
    rows += [[str(row[key]) for key in ("part", "what", "first", "second")] for row in changed.to_dict("records")]
    same = unchanged(table)
    runs, heads, metrics = [one.found, other.found], ["", *names, "difference"], metric_rows(table)
    shown = len(shown_metrics(runs))
    more = f"{len(metrics) - shown} more metrics"
    figures = figure_shelves({"": runs}, files, width=WIDTH).get("", "")
    parts = [
        f"<h1>{escape(names[0])} and {escape(names[1])}</h1>",
        "<h2>What changed</h2>",
        f'<p class="note">The same in both: {same}.</p>' if same else "",
        f'<div class="changes">{html_table(rows, numbers=len(rows[0]))}</div>' if len(rows) > 1 else "",
        *(_patch(f"Uncommitted changes of {name}", diff) for name, diff in zip(names, code.uncommitted, strict=True)),
        _patch(f"From the commit of {names[0]} to that of {names[1]}", code.between or ""),
        "<h2>Metrics</h2>",
        '<p class="note">Difference: first − second; one run of each says nothing of chance.</p>',
        *(f'<p class="note">{escape(line)}</p>' for line in fold_lines(table)),
        html_table([heads, *metrics[:shown]], numbers=1) if shown else "",
        _folded(more, html_table([heads, *metrics[shown:]], numbers=1)) if len(metrics) > shown else "",
        learning_curves(runs, files, None, "Learning curves"),
        f'<h2>Figures side by side</h2><div class="pair">{figures}</div>' if figures else "",
    ]
    body = "\n".join(part for part in parts if part)
    head = f"<script>{get_plotlyjs()}</script>" if "plotly-graph-div" in body else ""
    return whole_page(f"{names[0]} and {names[1]}", body, head=head)


def _patch(heading: str, patch: str) -> str:
    if not patch:
        return ""
    left = f"\n… {len(patch) - LONGEST} characters more" if len(patch) > LONGEST else ""
    return _folded(heading, f"<pre>{escape(patch[:LONGEST] + left)}</pre>")


def _folded(heading: str, within: str) -> str:
    """Return HTML that is shown after a click on its heading."""
    return f"<details><summary>{escape(heading)}</summary>{within}</details>"
