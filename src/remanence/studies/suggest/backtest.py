"""How many of the best rows of a table a choice of experiments would have found, had the table not been known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.science.acquisition import Kind, choose_batch, exploration
from remanence.science.deviations import deviations
from remanence.science.spacing import Spacing
from remanence.studies.suggest.surrogate import Surrogate

SUGGEST = "suggest"
CONSTANT = 1.5
"""Weight of the deviation in the plain upper bound that stands beside."""
ROUNDING = 6
"""Decimals of z-scores within which inputs are equal."""

Values = NDArray[np.float64]
Choose = Callable[[Values, Values, int, Spacing], NDArray[np.intp]]
"""From what trees say of candidates, draws (trees, candidates), measured scores (rows,), how many are wanted and which
candidates are too alike, to candidates."""


@dataclass(frozen=True)
class Plan:
    """A campaign that is played again.

    Args:
        starts: number of rows that are measured first, drawn from the worse half.
        batch: number of experiments that are made together.
        measured: number of rows that are measured in the end.
        seeds: number of campaigns; each way of choosing begins with the same rows.
        top: number of best rows to be found.
        kind: acquisition function of ``suggest``.
    """

    starts: int = 10
    batch: int = 5
    measured: int = 40
    seeds: int = 12
    top: int = 10
    kind: Kind = "upper_bound"


def distinct_inputs(x: Values, y: Values) -> tuple[Values, Values]:
    """Return inputs that differ, and the mean of what was measured there: a material counts once.

    Args:
        x: inputs, shape (rows, inputs).
        y: values, shape (rows, values).
    """
    deviation = deviations(x)
    scale = np.where(deviation > 0, deviation, 1.0)
    _, first, of_row = np.unique(np.round(x / scale, ROUNDING), axis=0, return_index=True, return_inverse=True)
    number = np.bincount(of_row.ravel())
    means = np.stack([np.bincount(of_row.ravel(), weights=column) / number for column in y.T], axis=1)
    order = np.argsort(first)  # as in the table
    return x[first][order], means[order]


def backtest(x: Values, score: Values, value: Values, plan: Plan) -> pd.DataFrame:
    """Play campaigns on a table and return what each way of choosing has found.

    Every way sees the measured rows only; its model is fitted anew after each batch. ``suggest`` is the choice of
    ``choose_batch`` by a ``Surrogate``; of trees alone, ``upper bound`` takes the highest bounds at a constant weight,
    and ``greedy`` the best predictions.

    Args:
        x: different inputs, shape (rows, inputs).
        score: how good each row is, higher is better, shape (rows,).
        value: what was measured of each row, in its unit, shape (rows,).
        plan: what is played.

    Returns:
        one row per way, seed and batch: ``way``, ``seed``, ``measured`` rows so far, ``found``, how many of the best
        rows are among them, and ``best``, the value of the best row so far.

    Raises:
        ConfigurationError: if the table is too small for the plan.
    """
    if not 2 <= plan.starts < plan.measured <= len(score):
        raise ConfigurationError(
            f"backtest: {len(score)} different inputs, {plan.starts} to start from and {plan.measured} measured in the "
            "end do not fit; starts= and measured= say how many, at least 2, and more in the end than at the start"
        )
    if plan.starts > len(score) // 2:
        raise ConfigurationError(f"backtest: starts={plan.starts} is more than half of {len(score)} different inputs")
    ways = _ways(plan)
    best = np.argsort(-score, kind="stable")[: plan.top]
    worse = np.argsort(score, kind="stable")[: len(score) // 2]
    rows: list[dict[str, object]] = []
    for seed in range(plan.seeds):
        start = np.random.default_rng(seed).choice(worse, plan.starts, replace=False)
        for name, choose in ways.items():
            for known in _campaign(x, score, start, plan, choose, seed, trees_only=name != SUGGEST):
                found, leader = int(np.isin(best, known).sum()), value[known[np.argmax(score[known])]]
                rows.append({"way": name, "seed": seed, "measured": len(known), "found": found, "best": leader})
    return pd.DataFrame(rows)


def _campaign(
    x: Values, score: Values, start: NDArray[np.intp], plan: Plan, choose: Choose | None, seed: int, *, trees_only: bool
) -> list[NDArray[np.intp]]:
    """Return the measured rows at the start and after each batch; None chooses at random."""
    rng = np.random.default_rng([seed, 1])
    states = [start]
    while len(known := states[-1]) < plan.measured:
        number = min(plan.batch, plan.measured - len(known))
        rest = np.setdiff1d(np.arange(len(score)), known)
        if choose is None:
            chosen = rng.choice(len(rest), number, replace=False)
        else:
            own = int(rng.integers(2**31))
            surrogate = Surrogate(x[known], score[known, None], seed=own, trees_only=trees_only)
            spacing = Spacing.of(x[rest], x[known])
            chosen = choose(surrogate.draws(x[rest])[:, :, 0], score[known], number, spacing)
        states.append(np.append(known, rest[chosen]))
    return states


def _ways(plan: Plan) -> Mapping[str, Choose | None]:
    def suggest(draws: Values, reached: Values, number: int, spacing: Spacing) -> NDArray[np.intp]:
        weight = exploration(len(reached))
        return choose_batch(
            draws[:, :, None], reached[:, None], number, weight=weight, kind=plan.kind, spacing=spacing
        ).places

    def bound(weight: float) -> Choose:
        def choose(draws: Values, reached: Values, number: int, spacing: Spacing) -> NDArray[np.intp]:
            del reached, spacing
            return np.argsort(-(draws.mean(axis=0) + weight * draws.std(axis=0)), kind="stable")[:number]

        return choose

    return {SUGGEST: suggest, "upper bound": bound(CONSTANT), "greedy": bound(0.0), "random": None}


def experiments_of_chance(found: float, plan: Plan, rows: int) -> float:
    """Return how many rows have to be measured at random until as many of the best are found on average.

    >>> experiments_of_chance(5.0, Plan(), 170)
    90.0
    """
    return plan.starts + found * (rows - plan.starts) / plan.top
