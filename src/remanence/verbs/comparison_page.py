"""A self-contained HTML page that compares runs: a sortable table, figures of all runs, and those of each run."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
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
from remanence.tracking.logged_files import LoggedFiles
from remanence.verbs.group_sections import group_sections
from remanence.verbs.page import SORT, drawn_figure, whole_page
from remanence.verbs.settings_section import settings_sections

TABLE_NOTE = "A click on a column sorts by it. Green: the best value. Grey: the best baseline of the run."
GROUPS_NOTE = (
    "These runs were tested on different data, by different targets or in different splits. Runs of one group are "
    "compared, and have a best value; runs of different groups are not."
)


def comparison_page(runs: Sequence[ComparedRun], *, title: str, uri: str, files: LoggedFiles | None = None) -> str:
    """Return the HTML page; it contains plotly's script at most once.

    Args:
        runs: at least one run.
        title: experiment, configuration or sweep whose runs are compared.
        uri: address of the database, without secrets; if it is a server, the ids are links to the runs.
        files: files of the runs, for their figures and learning curves; None leaves them out.
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
        *settings_sections(runs, files),
        *([] if files is None else group_sections(runs, files, objective)),
    ]
    body = "\n".join(part for part in parts if part)
    head = f"<script>{get_plotlyjs()}</script>" if "plotly-graph-div" in body else ""
    return whole_page(f"{title}: {len(runs)} runs", body, head=head, script=SORT)


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
        f"{escape(', '.join(reached))}<br><code>{escape(best.info.run_id)}</code></div>"
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
    return drawn_figure("Parameters and objective", about + note, figure)


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
    return drawn_figure("Beside the best baseline", f"{about}On the same held-out data.{most}", figure)


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
            _cell(outcome(run), f'<span class="status {escape(outcome(run))}">{escape(outcome(run))}</span>'),
        ]
        cells += [_cell(group_of[place])] if several else []
        cells += [_metric(run.data.metrics, key, is_best=place in best[key]) for key in metrics]
        cells += [_cell(str(parameters[key].iloc[place]).removeprefix("remanence.models.")) for key in parameters]
        rows.append(f"<tr>{''.join(cells)}{_id(run, uri)}</tr>")
    head, body = "".join(heads), "".join(rows)
    return f'<div class="wide"><table class="runs"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


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
    run_id = escape(run.info.run_id)
    shown = f"<code>{run_id}</code>"
    if uri.startswith(("http://", "https://")):
        shown = f'<a href="{escape(uri.rstrip("/"))}/#/experiments/{run.info.experiment_id}/runs/{run_id}">{shown}</a>'
    return _cell(run.info.run_id, shown)
