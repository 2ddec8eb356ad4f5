"""A self-contained HTML page that compares runs with a sortable table and two figures; it needs no network."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from remanence.figures.comparison import MOST_ROWS, plot_beside_baselines, plot_parallel
from remanence.tracking.comparable import groups
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import (
    best_baseline,
    best_row,
    common_objective,
    differing_parameters,
    is_lower_better,
    outcome,
    shown_metrics,
)

STYLE = """
:root { --ink: #1d2733; --soft: #6b7480; --line: #e3e6ea; --good: #2a7f62; --bad: #b0303c; --tint: #f6f8fa }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 1240px; margin: 2em auto; padding: 0 1.5em }
h1 { font-size: 1.7em; margin: 0 } h2 { font-size: 1.15em; margin: 2.2em 0 .2em }
p { margin: .2em 0 } .note { color: var(--soft); font-size: 13.5px }
.best { border-left: 4px solid var(--good); background: var(--tint); padding: .6em 1em; margin: 1.2em 0 }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin-top: .6em; max-height: 80vh }
table { border-collapse: collapse; font-size: 13px; width: 100% }
th { position: sticky; top: 0; background: var(--tint); text-align: left; cursor: pointer; user-select: none }
th, td { padding: .4em .8em; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { position: sticky; left: 0; background: white; min-width: 13em; max-width: 24em }
td:first-child { white-space: normal }
th:first-child { background: var(--tint); z-index: 1 }
th::after { content: " ↕"; color: #c3c9d0 } th[data-order="1"]::after { content: " ↑"; color: var(--ink) }
th[data-order="-1"]::after { content: " ↓"; color: var(--ink) }
tbody tr:hover { background: var(--tint) } td.top { font-weight: 700; color: var(--good) }
.beside { display: block; color: var(--soft); font-size: 12px; font-weight: 400 }
.status { font-size: 11.5px; padding: .1em .5em; border-radius: 9px; background: #e6f2ed; color: var(--good) }
.status.FAILED, .status.KILLED { background: #f8e7e9; color: var(--bad) }
.status.RUNNING, .status.PRUNED, .status.SCHEDULED { background: #eceff2; color: var(--soft) }
code { font-size: 12px; color: var(--soft) }
"""
SORT = """
document.querySelectorAll("th").forEach((head, column) => head.addEventListener("click", () => {
  const order = head.dataset.order === "1" ? -1 : 1;
  document.querySelectorAll("th").forEach(other => delete other.dataset.order);
  head.dataset.order = order;
  const body = document.querySelector("tbody");
  const key = row => row.children[column].dataset.sort;
  [...body.rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === "" || b === "") return (a === "") - (b === "");  // empty cells stay below
    const [x, y] = [Number(a), Number(b)];
    return order * (isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y);
  }).forEach(row => body.append(row));
}));
"""
TABLE_NOTE = "A click on a column sorts by it. Green: the best value. Grey: the best baseline of the run."
GROUPS_NOTE = (
    "These runs were tested on different data, by different targets or in different splits. Runs of one group are "
    "compared, and have a best value; runs of different groups are not."
)


def comparison_page(runs: Sequence[ComparedRun], *, title: str, uri: str) -> str:
    """Return the HTML page; it contains plotly's script at most once.

    Args:
        runs: at least one run.
        title: experiment, configuration or sweep whose runs are compared.
        uri: address of the database, without secrets; if it is a server, the ids are links to the runs.
    """
    parameters, metrics, objective = differing_parameters(runs), shown_metrics(runs), common_objective(runs)
    if objective is not None:
        metrics = [objective[0], *(key for key in metrics if key != objective[0])]
    counts = Counter(outcome(run).lower() for run in runs)
    told = [f"{len(runs)} runs", *(f"{number} {name}" for name, number in counts.items())]
    if objective is not None:
        told.append(f"objective {objective[0]} ({'lower' if objective[1] else 'higher'} is better)")
    of_group: dict[str, list[int]] = {}
    for place, group in enumerate(groups(runs)):
        of_group.setdefault(group, []).append(place)
    largest, places = max(of_group.items(), key=lambda entry: len(entry[1]))
    drawn, about = [runs[place] for place in places], "" if len(of_group) == 1 else f"Only runs on {largest}. "
    figures = [
        _parallel(drawn, parameters.iloc[places].reset_index(drop=True), objective, about),
        _baselines(drawn, metrics, objective, about),
    ]
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(" · ".join(told))}</p>',
        f'<p class="note">{GROUPS_NOTE}</p>' if len(of_group) > 1 else "",
        *(
            _best([runs[place] for place in places], metrics, objective, "" if len(of_group) == 1 else group)
            for group, places in of_group.items()
        ),
        *figures,
        "<h2>Runs</h2>",
        f'<p class="note">{TABLE_NOTE}</p>',
        _table(runs, parameters, metrics, uri, of_group),
    ]
    script = f"<script>{get_plotlyjs()}</script>" if any(figures) else ""
    head = f'<meta charset="utf-8"><title>{escape(title)}: {len(runs)} runs</title><style>{STYLE}</style>{script}'
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n<script>{SORT}</script></body></html>\n'
    )


def _best(runs: Sequence[ComparedRun], metrics: Sequence[str], objective: tuple[str, bool] | None, group: str) -> str:
    """Return a box that names the run of a group with the best objective, and its values of the first metrics."""
    if objective is None:
        return ""
    name, minimize = objective
    valued = [run for run in runs if math.isfinite(run.data.metrics.get(name, math.nan)) and outcome(run) == "FINISHED"]
    if len(valued) < 2:
        return ""
    best = (min if minimize else max)(valued, key=lambda run: run.data.metrics[name])
    reached = []
    for key in [key for key in metrics if key in best.data.metrics][:4]:
        beside, baseline = best_baseline(best.data.metrics, key)
        against = "" if baseline is None else f" ({beside}: {baseline:.4g})"
        reached.append(f"{key} {best.data.metrics[key]:.4g}{against}")
    on = f" on {escape(group)}" if group else ""
    return (
        f'<div class="best"><b>{escape(best.info.run_name)}</b> has the best {escape(name)}{on}<br>'
        f"{escape(', '.join(reached))}<br><code>{best.info.run_id}</code></div>"
    )


def _parallel(
    runs: Sequence[ComparedRun], parameters: pd.DataFrame, objective: tuple[str, bool] | None, about: str
) -> str:
    if objective is None:
        return ""
    metric, minimize = objective
    values = pd.Series([run.data.metrics.get(metric, math.nan) for run in runs])
    figure = plot_parallel(_telling(parameters), values, metric=metric, minimize=minimize)
    note = "A line is a run, a dark one is good. Drag along an axis to choose; drag a name to move its axis."
    return _figure("Parameters and objective", about + note, figure)


def _telling(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters that at least half of the runs have, without redundant ones, under short names.

    Of several parameters that vary in the same way over the runs, only the first is kept. Numbers that differ in every
    run, as those that a sampler draws, would all vary in the same way; they are redundant only if they are equal.
    """
    kept: dict[str, pd.Series] = {}
    seen: set[tuple[Any, ...]] = set()
    parameters = parameters[[key for key in parameters if not str(key).startswith("baselines.")]]
    common = parameters.columns[(parameters == "").mean() <= 0.5]
    for name in common if len(common) else parameters.columns:
        values = parameters[name]
        is_drawn = values.is_unique and pd.to_numeric(values, errors="coerce").notna().all()
        as_text, as_codes = tuple(values), tuple(pd.factorize(values)[0].tolist())
        if (as_text if is_drawn else as_codes) not in seen:
            seen |= {as_text, as_codes}
            kept[str(name)] = values
    return pd.DataFrame(kept, index=parameters.index).rename(columns=_short_names(list(kept)))


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return key to short name: the last part of the key, or the whole key if another one has the same last part."""
    bare = {key: key.removesuffix("._target_") for key in keys}
    endings = Counter(name.rpartition(".")[2] for name in bare.values())
    return {key: name if endings[ending := name.rpartition(".")[2]] > 1 else ending for key, name in bare.items()}


def _baselines(
    runs: Sequence[ComparedRun], metrics: Sequence[str], objective: tuple[str, bool] | None, about: str
) -> str:
    """Return a figure of the first test metric for which there are baselines; empty if there is none."""
    for metric in metrics:
        best = [best_baseline(run.data.metrics, metric) for run in runs]
        if metric.startswith("test/") and any(name for name, _ in best):
            break
    else:
        return ""
    values = [run.data.metrics.get(metric, math.nan) for run in runs]
    names = [str(run.info.run_name) for run in runs]
    figure = plot_beside_baselines(names, values, best, metric=metric, minimize=is_lower_better(metric))
    most = f" The best {MOST_ROWS} are shown." if len(runs) > MOST_ROWS else ""
    return _figure("Beside the best baseline", f"{about}On the same held-out data.{most}", figure)


def _figure(heading: str, note: str, figure: go.Figure | None) -> str:
    if figure is None:
        return ""
    drawn = figure.to_html(
        full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "responsive": True}
    )
    return f'<h2>{escape(heading)}</h2><p class="note">{escape(note)}</p>{drawn}'


def _table(
    runs: Sequence[ComparedRun],
    parameters: pd.DataFrame,
    metrics: Sequence[str],
    uri: str,
    of_group: Mapping[str, list[int]],
) -> str:
    values = pd.DataFrame([{key: run.data.metrics.get(key, math.nan) for key in metrics} for run in runs])
    best = {key: {best_row(values[key].iloc[places], key) for places in of_group.values()} for key in metrics}
    group_of = {place: group for group, places in of_group.items() for place in places}
    several = len(of_group) > 1
    heads = ["<th>run</th>", "<th>status</th>", *(["<th>group</th>"] if several else [])]
    heads += [*(f'<th class="number">{escape(key)}</th>' for key in metrics)]
    names = _short_names([str(key) for key in parameters])
    heads += [*(f'<th title="{escape(key)}">{escape(name)}</th>' for key, name in names.items()), "<th>id</th>"]
    rows = []
    for place, run in enumerate(runs):
        cells = [
            _cell(run.info.run_name),
            _cell(outcome(run), f'<span class="status {outcome(run)}">{outcome(run)}</span>'),
        ]
        cells += [_cell(group_of[place])] if several else []
        cells += [_metric(run.data.metrics, key, is_best=place in best[key]) for key in metrics]
        cells += [_cell(str(parameters[key].iloc[place]).removeprefix("remanence.models.")) for key in parameters]
        rows.append(f"<tr>{''.join(cells)}{_id(run, uri)}</tr>")
    return (
        f'<div class="wide"><table><thead><tr>{"".join(heads)}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _cell(value: Any, shown: str | None = None) -> str:
    text = escape(str(value))
    return f'<td data-sort="{text}">{text if shown is None else shown}</td>'


def _metric(metrics: Mapping[str, float], key: str, *, is_best: bool) -> str:
    value = metrics.get(key, math.nan)
    if not math.isfinite(value):
        return '<td class="number" data-sort=""></td>'
    name, baseline = best_baseline(metrics, key)
    beside = "" if baseline is None else f'<span class="beside">{baseline:.4g} {escape(str(name))}</span>'
    return f'<td class="number{" top" if is_best else ""}" data-sort="{value!r}">{value:.4g}{beside}</td>'


def _id(run: ComparedRun, uri: str) -> str:
    run_id = run.info.run_id
    shown = f"<code>{run_id}</code>"
    if uri.startswith(("http://", "https://")):
        shown = f'<a href="{escape(uri.rstrip("/"))}/#/experiments/{run.info.experiment_id}/runs/{run_id}">{shown}</a>'
    return _cell(run_id, shown)
