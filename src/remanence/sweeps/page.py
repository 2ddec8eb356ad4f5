"""A self-contained HTML page about a study: the search space, the results, and Optuna's figures."""

import math
from collections.abc import Collection, Mapping
from html import escape
from typing import Any

import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial
from plotly.offline import get_plotlyjs

from remanence.figures.study import Shown, study_figures
from remanence.sweeps.outcomes import better_but_deleted, cell, reason
from remanence.sweeps.trial_table import best_trials, count_outcomes, short_names, trial_table

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 1180px; margin: 2em auto; padding: 0 1.5em }
h1 { font-size: 1.6em; margin-bottom: 0 } h2 { font-size: 1.15em; margin: 2em 0 0 } p.note { color: #6b7480; margin: 0 }
table { border-collapse: collapse; font-size: 13px; margin: .6em 0 } .wide { overflow-x: auto }
th, td { padding: .2em .8em .2em 0; text-align: left; border-bottom: 1px solid #e3e6ea; vertical-align: top }
.best td { font-weight: bold } .failed td { color: #b0303c } code { font-size: 13px }
details { margin: 2em 0 } summary { cursor: pointer; font-weight: bold }
"""


def study_page(study: Study, deleted: Collection[str] = ()) -> str:
    """Return an HTML page that needs no network, because plotly's script is included (once).

    The page shows counts of outcomes, the best trial or the Pareto front, the figures that the trials allow, failures
    with their reasons, the search space, and a table of all trials.

    Args:
        study: study of the sweep.
        deleted: ids of deleted runs, see ``deleted_runs``; the best trial is one whose run exists.
    """
    trials, best = trial_table(study), best_trials(study, deleted)
    objectives: list[str] = study.user_attrs["objective"]
    directions = [f"{d.name.lower()} {name}" for d, name in zip(study.directions, objectives, strict=True)]
    counts = ", ".join(f"{count} {outcome}" for outcome, count in count_outcomes(study).items())
    names = short_names(study.user_attrs["space"])
    numbers = {trial.number for trial in best}
    columns = {"number": "trial", "outcome": "outcome", **{key: names[key] for key in names if key in trials}}
    columns |= {name: name for name in (*objectives, "epochs", "seconds", "run") if any(trials[name].map(cell))}
    failed = trials[trials["outcome"] == "failed"]
    parts = [
        f"<h1>{escape(study.study_name)}</h1>",
        f"<p>{escape(', '.join(directions))} · {escape(counts)}</p>",
        _best(trials[trials["number"].isin(numbers)], columns, is_front=len(objectives) > 1),
        *(f"<p>{escape(line)}</p>" for line in better_but_deleted(trials, deleted, any_left=bool(best))),
        *map(_figure, study_figures(readable(study, names), objectives)),
        _failures(failed) if len(failed) else "",
        _details("Search space", _space(study.user_attrs["space"])),
        _details("All trials", _table(trials, columns, numbers)),
    ]
    head = f'<meta charset="utf-8"><title>{escape(study.study_name)}</title><style>{STYLE}</style>'
    script = f"<script>{get_plotlyjs()}</script>"
    return f"<!doctype html>\n<html><head>{head}{script}</head><body>\n" + "\n".join(parts) + "\n</body></html>\n"


def readable(study: Study, names: Mapping[str, str]) -> Study:
    """Return a copy of a study in memory with other names of parameters; trials keep their numbers.

    Args:
        study: any study. A trial with an infinite value counts as failed in the copy, because it cannot be drawn.
        names: key to the name that is shown.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # otherwise Optuna prints that it creates the copy
    copy = optuna.create_study(directions=study.directions)
    copy.add_trials(_renamed(trial, names) for trial in study.get_trials(deepcopy=False))
    return copy


def _renamed(trial: FrozenTrial, names: Mapping[str, str]) -> FrozenTrial:
    drawable = all(map(math.isfinite, trial.values or ()))
    return create_trial(
        state=trial.state if drawable else TrialState.FAIL,
        values=trial.values if drawable else None,
        params={names[key]: _number(value) for key, value in trial.params.items()},
        distributions={names[key]: _numbers(distribution) for key, distribution in trial.distributions.items()},
        user_attrs={"run": trial.user_attrs.get("name", "")},
        intermediate_values=trial.intermediate_values,
    )


def _numbers(distribution: BaseDistribution) -> BaseDistribution:
    """Return a distribution whose choices are numbers instead of text where possible.

    A grid holds listed numbers as text; as numbers, they are drawn in their order.
    """
    if not isinstance(distribution, CategoricalDistribution):
        return distribution
    return CategoricalDistribution(tuple(map(_number, distribution.choices)))


def _number(value: Any) -> Any:
    for kind in (int, float):
        try:
            return kind(value) if isinstance(value, str) else value
        except ValueError:
            continue
    return value


def _best(trials: pd.DataFrame, columns: Mapping[str, str], *, is_front: bool) -> str:
    if trials.empty:
        return "<p>No trial has a value.</p>"
    return f"<h2>{'Pareto front' if is_front else 'Best trial'}</h2>" + _table(trials, columns, set())


def _figure(shown: Shown) -> str:
    heading = f"<h2>{escape(shown.heading)}</h2>" if shown.heading else ""
    note = f'<p class="note">{escape(shown.note)}</p>' if shown.note else ""
    config = {"displaylogo": False, "responsive": True}
    return heading + note + str(shown.figure.to_html(full_html=False, include_plotlyjs=False, config=config))


def _failures(failed: pd.DataFrame) -> str:
    items = [f"<li>trial {row['number']}: {escape(reason(row))}</li>" for row in failed.to_dict("records")]
    return f"<h2>Failures</h2><ul>{''.join(items)}</ul>"


def _space(space: Mapping[str, str]) -> str:
    rows = [f"<tr><td>{escape(key)}</td><td><code>{escape(text)}</code></td></tr>" for key, text in space.items()]
    return f"<table>{''.join(rows)}</table>"


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _table(trials: pd.DataFrame, columns: Mapping[str, str], best: set[int]) -> str:
    rows = ["<tr>" + "".join(f"<th>{escape(name)}</th>" for name in columns.values()) + "</tr>"]
    for row in trials.to_dict("records"):
        kind = "best" if row["number"] in best else row["outcome"]
        cells = "".join(f"<td>{escape(cell(row[column]))}</td>" for column in columns)
        rows.append(f'<tr class="{kind}">{cells}</tr>')
    return f'<div class="wide"><table>{"".join(rows)}</table></div>'
