"""The backtest of a run: its own table is played again, drawn, and logged to the run."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.errors import ConfigurationError
from remanence.figures.backtest import plot_backtest
from remanence.figures.style_sheet import styled
from remanence.figures.symbols import symbol
from remanence.foundation.plus_minus import plus_minus
from remanence.studies.presentation import marked
from remanence.studies.row_scores import say
from remanence.studies.suggest.backtest import Plan, backtest, distinct_inputs, experiments_of_chance
from remanence.studies.suggest.goals import parse_goals, scores
from remanence.studies.suggest.request import acquisition, read_number
from remanence.tracking.run import Run
from remanence.tracking.writable import is_writable

TABLE = "suggest_backtest"
"""Name of the table and of the figure that are logged."""

Values = NDArray[np.float64]


def replay(run: Run, data: OpenedTable, asked: Mapping[str, str]) -> pd.DataFrame:
    """Play campaigns on the rows of a run, log table and figure to it, and say what would have been found.

    Args:
        run: run on a table.
        data: its rows.
        asked: the keys of ``asked_keys.BACKTEST`` that were given, as typed.

    Returns:
        one row per way of choosing and number of measured rows: ``way``, ``measured``, ``found`` with ``found_se``, the
        mean number of the best rows among them and its standard error over campaigns, ``best`` with ``best_se``, the
        best value so far, and ``campaigns``.

    Raises:
        ConfigurationError: if a value cannot be read, or the table is too small.
    """
    goals = parse_goals(asked.get("target"), data.targets)
    if len(goals) > 1:
        raise ConfigurationError("backtest: plays one goal; name one in target=")
    x, y = distinct_inputs(data.x, data.y)
    score = scores(goals, y, data.targets)[:, 0]
    plan = _plan(asked, len(score))
    say(f"backtest: {plan.seeds} campaigns on {len(score)} different inputs in {len(data.x)} rows")
    value = y[:, data.targets.index(goals[0].target)]
    played = backtest(x, score, value, plan)
    table = _summary(played)
    label = data.columns.label(goals[0].target)
    for line in _lines(table, plan, len(score), label):
        say(line)
    if not is_writable(run.folder):
        say(f"backtest: not logged, because {run.folder} cannot be written to")
        return table
    run.log_table(table, TABLE)
    curves = {
        f"found of the {plan.top} best": _curves(table, "found"),
        f"best {symbol(label)} so far": _curves(table, "best"),
    }
    with styled():
        figure, _ = plot_backtest(curves, title=marked(f"backtest, {plan.seeds} campaigns", data))
        run.log_figure(figure, TABLE)
    say(f"backtest: logged as {TABLE} to run {run.id}")
    return table


def _plan(asked: Mapping[str, str], rows: int) -> Plan:
    """Return the campaign; of a small table, half of the rows are measured in the end and a tenth is to be found."""
    standard = Plan()
    starts = read_number(asked, "starts", min(standard.starts, max(2, rows // 8)), least=2)
    return Plan(
        starts=starts,
        batch=read_number(asked, "n", standard.batch),
        measured=read_number(asked, "measured", min(standard.measured, max(starts + 1, rows // 2)), least=3),
        seeds=read_number(asked, "seeds", standard.seeds, least=2),
        top=read_number(asked, "top", min(standard.top, max(1, rows // 10))),
        kind=acquisition(asked),
    )


def _summary(played: pd.DataFrame) -> pd.DataFrame:
    grouped = played.groupby(["way", "measured"], sort=False)[["found", "best"]]
    mean, error = grouped.mean(), grouped.sem().add_suffix("_se")
    table = pd.concat([mean, error], axis=1)[["found", "found_se", "best", "best_se"]]
    return table.assign(campaigns=grouped.size()).reset_index()


def _curves(table: pd.DataFrame, name: str) -> dict[str, tuple[Values, Values, Values]]:
    curves = {}
    for way, own in table.groupby("way", sort=False):
        made, mean, error = (own[column].to_numpy(dtype=float) for column in ("measured", name, f"{name}_se"))
        curves[str(way)] = made, mean, error
    return curves


def _lines(table: pd.DataFrame, plan: Plan, rows: int, label: str) -> list[str]:
    last = table[table["measured"] == table["measured"].max()].set_index("way")
    found = ", ".join(f"{way} {own['found']:.1f} ± {own['found_se']:.1f}" for way, own in last.iterrows())
    ours = last.loc["suggest"]
    needed = experiments_of_chance(float(ours["found"]), plan, rows)
    best = ", ".join(f"{way} {plus_minus(own['best'], own['best_se'])}" for way, own in last.iterrows())
    return [
        f"after {plan.measured} experiments, found of the {plan.top} best: {found} (± standard error over campaigns)",
        f"best {label} by then: {best}",
        f"at random, {needed:.0f} experiments find as many as suggest: {needed - plan.measured:.0f} are saved",
    ]
