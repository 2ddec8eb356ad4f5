"""The members of all ensembles of one run, and the rows and targets that each trains on."""

from dataclasses import dataclass

import numpy as np

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Rows, inner_folds
from remanence.training.options import Ensemble

ALL_TARGETS = -1


@dataclass(frozen=True)
class Member:
    """One network of an ensemble."""

    fold: int
    """Number of the outer fold that the member belongs to."""
    train: Rows
    validation: Rows
    target: int
    """Column of the target that the member predicts; ``ALL_TARGETS`` for all."""
    seed: int
    """Seed of the member's initial weights and of the order of its rows."""
    scaled_on: Rows | None = None
    """Rows that the member's scalers are fitted to; None for its training rows."""


def plan_members(data: FoldedRows, *, folds: int, repeats: int, per_target: bool, seed: int) -> list[Member]:
    """Return one member per outer fold, target, inner fold and repetition.

    Args:
        data: rows and the folds that hold some of them out.
        folds: number of inner folds of the rows outside the test; each inner fold validates ``repeats`` members.
        repeats: number of independent trainings on the same rows.
        per_target: whether each target has networks of its own.
        seed: seed of the run; the seeds of the members differ from each other and from those of runs with other seeds.
    """
    targets = range(len(data.targets)) if per_target else [ALL_TARGETS]
    plan = []
    for number, fold in enumerate(data.folds):
        pairs = inner_folds(data.rows, fold, folds=folds, seed=data.split["seed"])
        repeated = [(target, pair) for target in targets for _ in range(repeats) for pair in pairs]
        plan += [(number, train, validation, target) for target, (train, validation) in repeated]
    seeds = np.random.SeedSequence(seed).generate_state(len(plan)).tolist()
    return [Member(*entry, seed=value) for entry, value in zip(plan, seeds, strict=True)]


def planned(data: FoldedRows, ensemble: Ensemble, *, seed: int) -> list[Member]:
    """Return the members that ``conf/ensemble`` asks for."""
    return plan_members(data, folds=ensemble.folds, repeats=ensemble.repeats, per_target=ensemble.per_target, seed=seed)
