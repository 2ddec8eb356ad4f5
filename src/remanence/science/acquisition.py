"""Which candidates to measure next: optimism about what is uncertain, and batches that do not say one thing twice."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from remanence.science.hypervolume import nondominated, volume_gained
from remanence.science.spacing import Spacing

Values = NDArray[np.float64]
Kind = Literal["upper_bound", "expected_improvement"]

EXPLORATION, LEAST, MOST = 40.0, 1.0, 4.0
"""Weight of the deviation in an upper bound, times the number of measured rows; and its least and largest value."""
NOISE = 0.02
"""Part of the mean variance of the candidates that a measurement leaves: two of them are never quite alike."""
KNOWN = 0.05
"""Standard deviation below which little is left to know of a candidate, as a part of that of the measured values."""
MOST_COMPARED = 1000
"""Largest number of candidates whose gain in volume is computed; those with the best sum of goals."""


def exploration(measured: int) -> float:
    """Return how many standard deviations an upper bound adds to the mean of a model of few measured rows.

    It falls with the number of rows, from 4 with ten rows to 1 with forty: what a handful of rows have not shown may be
    anything, whereas the spread of a model of many rows is what is left to know. In campaigns on the table of KNN
    ceramics this finds more of the best materials than constants from 1 to 2 do, see ``docs/design.md``.
    """
    return float(min(MOST, max(LEAST, EXPLORATION / measured)))


def expected_improvement(mean: Values, deviation: Values, best: float) -> Values:
    """Return by how much a normal variable exceeds ``best`` on average, where it exceeds it, shape of ``mean``.

    Args:
        mean: predicted values.
        deviation: standard deviations, at least 0.
        best: best value so far.

    Source: Jones, Schonlau, Welch, J. Global Optim. 13, 455 (1998), eq. 15.

    >>> expected_improvement(np.array([0.0, 2.0]), np.array([1.0, 0.0]), 0.0).round(3).tolist()
    [0.399, 2.0]
    """
    known = deviation > 0
    z = np.divide(mean - best, deviation, out=np.zeros_like(mean), where=known)
    uncertain = deviation * (z * norm.cdf(z) + norm.pdf(z))
    return np.asarray(np.where(known, uncertain, np.maximum(mean - best, 0.0)))


class Posterior:
    """What the members of an ensemble say of candidates: their mean, and how they differ together.

    A candidate that is believed to be measured at its mean takes away the variance that it shares with the others, as
    in a Gaussian process, so that the next one of a batch is uncertain for another reason.

    Source: Ginsbourger, Le Riche, Carraro in Computational Intelligence in Expensive Optimization Problems (2010),
    section 6.3.2 (kriging believer); Desautels, Krause, Burdick, J. Mach. Learn. Res. 15, 4053 (2014).

    Args:
        draws: what each member predicts, shape (members, candidates).
    """

    def __init__(self, draws: Values) -> None:
        self.mean: Values = draws.mean(axis=0)
        self._centred = (draws - self.mean) / np.sqrt(len(draws))
        self._variance: Values = (self._centred**2).sum(axis=0)
        self._noise = NOISE * float(self._variance.mean())
        self._shared: list[Values] = []

    @property
    def deviation(self) -> Values:
        """Standard deviation of each candidate, shape (candidates,)."""
        return np.sqrt(np.maximum(self._variance, 0.0))

    def believe(self, place: int) -> None:
        """Take a candidate as measured at its mean."""
        covariance = self._centred.T @ self._centred[:, place]
        for shared in self._shared:
            covariance -= shared * shared[place]
        total = covariance[place] + self._noise
        if total > 0:  # otherwise all members agree on all candidates
            shared = covariance / np.sqrt(total)
            self._shared.append(shared)
            self._variance = self._variance - shared**2


@dataclass(frozen=True)
class Batch:
    """Candidates to measure next, the best first."""

    places: NDArray[np.intp]
    """Their places among the candidates, shape (chosen,)."""
    mean: Values
    """What the ensemble predicts of them, shape (chosen, goals)."""
    deviation: Values
    """Standard deviation over its members before anything of the batch was believed, shape (chosen, goals)."""


def choose_batch(
    draws: Values,
    reached: Values,
    number: int,
    *,
    weight: float,
    kind: Kind = "upper_bound",
    cost: Values | None = None,
    pending: NDArray[np.intp] | None = None,
    spacing: Spacing | None = None,
) -> Batch:
    """Choose candidates one after the other; each is believed to be measured before the next one is chosen.

    With one goal and no cost, the best candidate is that with the highest upper bound, or with the largest expected
    improvement. With several goals it is that whose upper bounds enlarge the dominated volume most (Ponweiser et al.,
    Lect. Notes Comput. Sci. 5199, 784 (2008)). With a cost it is that with the most improvement for its cost.

    Args:
        draws: what each member of an ensemble predicts, shape (members, candidates, goals); higher is better.
        reached: measured values of each goal, shape (rows, goals).
        number: number of candidates to choose; fewer are chosen if there are fewer.
        weight: number of standard deviations that an upper bound adds, see ``exploration``.
        kind: acquisition function; several goals have the upper bound only.
        cost: cost of each candidate, above 0, shape (candidates,).
        pending: places of candidates that are being measured; they are believed at once, and never chosen.
        spacing: which candidates are alike; one that nearly repeats a measured, pending or chosen one, and of which
            little is left to know, is chosen only where no other is left. On a grid no two of a batch are alike,
            whatever is left to know; if all candidates are alike to one of it, the batch is spread as far as it can be.
    """
    posteriors = [Posterior(draws[:, :, goal]) for goal in range(draws.shape[2])]
    mean = np.stack([posterior.mean for posterior in posteriors], axis=1)
    deviation = np.stack([posterior.deviation for posterior in posteriors], axis=1)
    is_open = np.ones(len(mean), dtype=bool)
    repeated = np.zeros_like(is_open) if spacing is None else spacing.repeated.copy()
    gap = np.full(len(mean), np.inf)  # to the nearest pending or chosen one
    chosen: list[int] = []

    def believe(place: int) -> None:
        is_open[place] = False
        if spacing is not None:
            distance = spacing.distances(place)
            repeated[distance < spacing.least] = True
            np.minimum(gap, distance, out=gap)
        for posterior in posteriors:
            posterior.believe(place)

    for place in [] if pending is None else pending:
        believe(int(place))
    known = KNOWN * reached.std(axis=0)
    reached = np.concatenate([reached, mean[~is_open]])
    while len(chosen) < number and is_open.any():
        spread = np.stack([posterior.deviation for posterior in posteriors], axis=1)
        new = is_open & ~(repeated & (spread < known).all(axis=1))
        able = new if new.any() else is_open
        if spacing is not None and spacing.on_grid:
            able = able & (gap >= _reached_half(spacing.least, float(gap[able].max())))
        value = _value(mean, spread, reached, able, weight=weight, kind=kind, cost=cost)
        best = int(np.argmax(np.where(able, value, -np.inf)))
        chosen.append(best)
        believe(best)
        reached = np.concatenate([reached, mean[best : best + 1]])
    places = np.array(chosen, dtype=np.intp)
    return Batch(places, mean[places], deviation[places])


def _reached_half(least: float, widest: float) -> float:
    """Return ``least``, halved until ``widest`` reaches it."""
    while least > widest > 0:
        least /= 2
    return least if widest > 0 else 0.0


def _value(
    mean: Values,
    deviation: Values,
    reached: Values,
    is_open: NDArray[np.bool_],
    *,
    weight: float,
    kind: Kind,
    cost: Values | None,
) -> Values:
    """Return how much each candidate is wanted, shape (candidates,)."""
    bound = mean + weight * deviation
    if mean.shape[1] > 1:
        return _several(bound, reached, is_open, cost)
    best = float(reached.max())
    if kind == "expected_improvement":
        value = expected_improvement(mean[:, 0], deviation[:, 0], best)
        return value if cost is None else value / cost
    return bound[:, 0] if cost is None else _for_cost(bound[:, 0] - best, cost)


def _several(bound: Values, reached: Values, is_open: NDArray[np.bool_], cost: Values | None) -> Values:
    low, high = reached.min(axis=0), reached.max(axis=0)
    size = np.where(high > low, high - low, 1.0)
    scaled, front = (bound - low) / size, nondominated((reached - low) / size)
    # how far a candidate is behind the front in the goal where it is least behind; above 0 if it is not dominated
    ahead = (scaled[:, None] - front[None]).max(axis=2).min(axis=1)
    value = np.minimum(ahead, 0.0)
    able = np.flatnonzero((ahead > 0) & is_open)
    able = able[np.argsort(-scaled[able].sum(axis=1), kind="stable")[:MOST_COMPARED]]
    value[able] = volume_gained(scaled[able], front, np.full(bound.shape[1], -0.1))
    return value if cost is None else _for_cost(value, cost)


def _for_cost(gain: Values, cost: Values) -> Values:
    """Return the gain per cost; where nothing is gained, a higher cost makes it no better."""
    return np.asarray(np.where(gain > 0, gain / cost, gain * cost))
