"""The next experiments of a run on a table, with the reasons for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.data.declared_units import units_of
from remanence.errors import ConfigurationError
from remanence.science.acquisition import Batch, choose_batch, exploration
from remanence.studies.design.candidate_rows import Candidates, candidate_rows
from remanence.studies.design.named_inputs import raw_inputs
from remanence.studies.design.predictive_table import PredictiveTable
from remanence.studies.design.table_search import NOTES, located, predict_candidates
from remanence.studies.design.verdicts import with_verdicts, yes_or_no
from remanence.studies.design.wish import Wish
from remanence.studies.predictions import id_columns, interval_names
from remanence.studies.suggest.costs import columns_of_cost, costs_of
from remanence.studies.suggest.goals import GOALS, parse_goals, scores
from remanence.studies.suggest.nearest import is_known, nearest_rows, spacing_of
from remanence.studies.suggest.pending import read_pending
from remanence.studies.suggest.request import acquisition, read_number
from remanence.studies.suggest.surrogate import Surrogate, draws_of

MOST = 20_000
"""Largest number of candidates; of more, an even sample is taken, because all trees predict all of them."""
BATCH = 5

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """What has been measured so far."""

    rows: pd.DataFrame
    """Raw rows."""
    x: Values
    """Their encoded inputs, shape (rows, inputs)."""
    y: Values
    """Their targets, shape (rows, targets)."""


def suggest_rows(model: PredictiveTable, measured: Measured, asked: Mapping[str, str]) -> pd.DataFrame:
    """Choose the next experiments.

    The choice is made by trees that are fitted to all measured rows, see ``surrogate``, because that choice is what a
    backtest judges; what the table says of the chosen candidates is predicted by the run's model.

    Args:
        model: model of the run.
        measured: all rows of the run.
        asked: the keys of ``asked_keys.EXPERIMENTS`` that were given, as typed.

    Returns:
        the inputs; prediction and interval of each target by the model; ``distance`` and ``extrapolated`` as in
        ``science.training_region``; ``nearest``, the nearest measured row with its value of each goal; ``reason``, why
        it was chosen; and ``cost``, if one was given. The first is wanted most.

    Raises:
        ConfigurationError: if a value cannot be read, or no candidate is left.
        DataError: if a table of candidates or of pending experiments does not suit the model.
    """
    columns = model.columns
    goals = parse_goals(asked.get("target"), columns.targets)
    number = read_number(asked, "n", BATCH)
    kind = acquisition(asked, goals=len(goals))
    priced = columns_of_cost(asked["cost"]) if "cost" in asked else []
    pending = read_pending(asked["pending"], columns) if "pending" in asked else None
    space = candidate_rows(columns, measured.rows, asked, verb="suggest", most=MOST, beside=priced)
    space, notes = _not_yet_made(columns, space, measured.rows, pending)
    cost = costs_of(asked["cost"], space.rows, columns) if "cost" in asked else None
    is_grid = "over" in asked and "candidates" not in asked
    apart = space.rows if pending is None else pd.concat([space.rows, pending], ignore_index=True)
    surrogate = Surrogate(measured.x, measured.y)
    draws = draws_of(surrogate, columns, space)
    if pending is not None and len(pending):
        waiting = surrogate.draws(columns.encode(pending, "pending experiments"))
        draws = np.concatenate([draws, waiting], axis=1)
        cost = None if cost is None else np.append(cost, np.ones(len(pending)))
    scored = scores(goals, draws, columns.targets)
    batch = choose_batch(
        scored,
        scores(goals, measured.y, columns.targets),
        number,
        weight=exploration(len(measured.x)),
        kind=kind,
        cost=cost,
        pending=np.arange(len(space.rows), scored.shape[1]),
        spacing=spacing_of(columns, apart, measured.rows, without=space.filled, on_grid=is_grid),
    )
    table = _with_reasons(model, space.at(batch.places), measured, goals, batch, scored)
    if cost is not None:
        table["cost"] = cost[batch.places]
    if "target" not in asked:
        notes.append(f"target= is not given: {goals[0].target}=max")
    if len(table) < number:
        notes.append(f"n: there are {len(table)} candidates that are not made yet, fewer than {number}")
    table.attrs |= {
        NOTES: tuple(notes),
        GOALS: asked.get("target", f"{goals[0].target}=max"),
        "units": units_of(table.columns, columns.units),
    }
    return table


def _not_yet_made(
    columns: Columns, space: Candidates, measured: pd.DataFrame, pending: pd.DataFrame | None
) -> tuple[Candidates, list[str]]:
    """Return the candidates that are neither measured nor being measured, and what was left out, in lines."""
    made = is_known(columns, space.rows, measured, without=space.filled)
    notes = list(space.notes)
    if made.any():
        notes.append(f"{made.sum()} of {len(made)} candidates are measured already and are left out")
    waiting = np.zeros_like(made)
    if pending is not None:
        waiting = is_known(columns, space.rows, pending, without=space.filled) & ~made
        notes.append(f"{len(pending)} pending experiments count as made; {waiting.sum()} candidates are among them")
    if (made | waiting).all():
        raise ConfigurationError(
            "suggest: every candidate is measured or pending; name others with over=… or candidates=…"
        )
    return space.at(~(made | waiting)), notes


def _with_reasons(
    model: PredictiveTable, chosen: Candidates, measured: Measured, goals: list[Wish], batch: Batch, draws: Values
) -> pd.DataFrame:
    columns = model.columns
    predicted = predict_candidates(model, chosen)
    distance, outside = located(model, chosen.rows, measured.rows)
    _, place = nearest_rows(columns, chosen.rows, measured.rows)
    verdicts = {
        "distance": distance,
        "extrapolated": yes_or_no(outside),
        "nearest": [_named(row, measured, goals, columns) for row in place],
        "reason": _reasons(batch, draws),
    }
    return with_verdicts(chosen.rows, predicted, verdicts, interval_names(columns.targets))


def _reasons(batch: Batch, draws: Values) -> list[str]:
    """Return for each chosen candidate whether it is predicted to be good, or uncertain, or both."""
    mean, deviation = draws.mean(axis=0), draws.std(axis=0)
    reasons = []
    for own_mean, own_deviation in zip(batch.mean, batch.deviation, strict=True):
        good = (mean < own_mean).mean(axis=0).max() >= 0.9
        unknown = (deviation < own_deviation).mean(axis=0).max() >= 0.5
        reasons.append(
            "predicted among the best, and uncertain"
            if good and unknown
            else "predicted among the best"
            if good
            else "uncertain: may be better than predicted"
        )
    return reasons


def _named(row: int, measured: Measured, goals: list[Wish], columns: Columns) -> str:
    """Return how a user knows a measured row: by its id, its formula or its inputs, with what was measured."""
    cells = measured.rows.iloc[row]
    shown = id_columns(measured.rows, columns.id) or raw_inputs(columns)[: 1 if columns.composition else 3]
    name = str(cells[shown[0]]) if len(shown) == 1 else ", ".join(f"{each}={cells[each]}" for each in shown)
    values = [f"{measured.y[row, columns.targets.index(goal.target)]:.4g}" for goal in goals]
    return f"{name}: {', '.join(values)}"
