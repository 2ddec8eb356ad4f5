"""What the explorer of a run on a table shows of its campaign: the best value so far, and what to measure next."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.opened_table import OpenedTable
from remanence.figures.explorer.page import page_with
from remanence.studies.design.named_inputs import raw_inputs
from remanence.studies.design.verdicts import INTERVALS, PREDICTED, verdict
from remanence.studies.design.wish import Wish
from remanence.studies.explored_rows import MOST_ROWS
from remanence.studies.row_scores import say
from remanence.studies.suggest.goals import GOALS, parse_goals
from remanence.tracking.earlier_runs import earlier_runs
from remanence.tracking.run import Run
from remanence.tracking.writable import is_writable

PAGE = "figures/explorer.html"
DIRECTIONS = {"highest value": "max", "lowest value": "min"}
"""Goals that a page offers while nobody has said what is wanted."""

Values = NDArray[np.float64]


def explored_campaign(tracked: Run, data: OpenedTable, goals: Sequence[Wish] = ()) -> dict[str, Any] | None:
    """Return the best value so far against the number of measured rows.

    Args:
        tracked: run on the rows; the runs that it was forked from are earlier states of the campaign.
        data: all measured rows, in the order of their table.
        goals: what is wanted of some targets; of others highest and lowest values are shown.

    Returns:
        what the page reads; None for a run that goes on with no earlier one of fewer rows, if there are no goals.
    """
    earlier = [(name, measured) for name, measured in earlier_runs(tracked) if measured["rows"] < len(data.y)]
    if not (earlier or goals):
        return None
    wanted = {goal.target: goal for goal in goals}
    shown = len(data.y) <= MOST_ROWS  # single values of more rows would be a grey area
    return {
        "rows": len(data.y),
        "runs": [{"name": name, "rows": measured["rows"]} for name, measured in earlier] + [_own(tracked, data)],
        "order": _order(data, earlier),
        "targets": [
            {
                "values": data.y[:, place].tolist() if shown else None,
                "goals": _goals(wanted.get(target), target, data.y[:, place], [each for _, each in earlier]),
            }
            for place, target in enumerate(data.targets)
        ],
    }


def show_suggested(run: Run, data: OpenedTable, table: pd.DataFrame) -> None:
    """Add suggested experiments, and the best values so far, to the page of a run, which is made again.

    Args:
        run: run that was asked.
        data: its rows.
        table: result of ``suggest_rows``.
    """
    goals = parse_goals(table.attrs[GOALS], data.targets)
    campaign = explored_campaign(run, data, goals)
    assert campaign is not None  # there are goals
    predicted = {target: column for column, target in table.attrs[PREDICTED].items()}
    ends = table.attrs[INTERVALS]
    targets = []
    for target in data.targets:
        low, high = ends.get(predicted[target], (None, None))
        values = [table[name].tolist() if name in table else None for name in (predicted[target], low, high)]
        targets.append(dict(zip(("predicted", "low", "high"), values, strict=True)))
    inputs = [name for name in raw_inputs(data.columns) if name in table]
    rows = table[inputs].map(lambda value: f"{value:.4g}" if isinstance(value, float) else str(value))
    campaign["next"] = {
        "goals": table.attrs[GOALS],
        "inputs": [data.columns.label(name) for name in inputs],
        "rows": rows.to_numpy().tolist(),
        "targets": targets,
        "reason": verdict(table, "reason").astype(str).tolist(),
        "nearest": verdict(table, "nearest").astype(str).tolist(),
        "extrapolated": (verdict(table, "extrapolated") == "yes").tolist(),
    }
    _add(run, {"campaign": campaign})


def show_replayed(run: Run, data: OpenedTable, table: pd.DataFrame, target: str | None) -> None:
    """Add the curves of a backtest to the page of a run, which is made again.

    Args:
        run: run that was asked.
        data: its rows.
        table: result of ``replay``.
        target: goal as typed.
    """
    (goal,) = parse_goals(target, data.targets)
    ways = [
        {"name": way, **{name: own[name].tolist() for name in ("measured", "best", "best_se")}}
        for way, own in table.groupby("way", sort=False)
    ]
    label, number = data.columns.label(goal.target), int(table["campaigns"].max())
    _add(run, {"backtest": {"label": label, "ways": ways, "campaigns": number}})


def _add(run: Run, more: Mapping[str, Any]) -> None:
    """Make the page of a run again with further data; a run without one, or that is not ours to change, is left."""
    path = run.folder / PAGE
    if not (path.is_file() and is_writable(path) and is_writable(run.folder)):
        return
    if (page := page_with(path.read_text(encoding="utf-8", errors="replace"), "table", more)) is not None:
        run.log_text(page, PAGE)
        say(f"added to {PAGE} of run {run.id}")


def _own(tracked: Run, data: OpenedTable) -> dict[str, Any]:
    return {"name": tracked.name, "rows": len(data.y)}


def _goals(wish: Wish | None, target: str, y: Values, earlier: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for what is wanted of a target: at which row a better value than before stands, and the value."""
    either = {name: Wish(target, way) for name, way in DIRECTIONS.items()}
    named = either if wish is None else {_told(wish): wish}
    goals = []
    for name, each in named.items():
        score = each.score(y)
        better = np.flatnonzero(score > np.concatenate([[-np.inf], np.maximum.accumulate(score)[:-1]]))
        place = {"max": 1, ">": 1, "min": 0, "<": 0}.get(each.relation)
        reached = [
            None if place is None or target not in run["targets"] else run["targets"][target][place] for run in earlier
        ]
        best = float(y[better[-1]])
        goals.append(
            {"name": name, "at": (better + 1).tolist(), "best": y[better].tolist(), "reached": [*reached, best]}
        )
    return goals


def _told(wish: Wish) -> str:
    """Return in words which value is the best one."""
    match wish.relation:
        case ">" | "<":
            return f"{'highest' if wish.relation == '>' else 'lowest'} value, wanted {wish.relation} {wish.value:g}"
        case "=":
            return f"value nearest to {wish.value:g}"
        case "in":
            return f"value nearest to the middle of {wish.value:g} to {wish.upper:g}"
    return "highest value" if wish.relation == "max" else "lowest value"


def _order(data: OpenedTable, earlier: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return what is known of the order of the rows: whether the first ones are those of the earlier runs."""
    told = "in the order of the table's rows"
    if not earlier:
        return f"{told}; whether that is the order in which they were measured, the run does not know"
    for name, measured in earlier:
        first = data.y[: measured["rows"]]
        for place, target in enumerate(data.targets):
            if target in measured["targets"] and not np.allclose(
                measured["targets"][target], [first[:, place].min(), first[:, place].max()], rtol=1e-6, atol=0
            ):
                return f"{told}, which is not that of the runs: those of {name} are not its first {measured['rows']}"
    return f"{told}: the first ones have the lowest and highest values that each earlier run had"
