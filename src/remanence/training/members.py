"""Who trains on what: the members of all ensembles of one run."""

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
    """Outer fold that it belongs to."""
    train: Rows
    validation: Rows
    target: int
    """Column of the target that it predicts; ``ALL_TARGETS`` for all."""
    seed: int
    """Of its weights and of the order of its rows."""
    scaled_on: Rows | None = None
    """Rows that its scalers are fitted to; None for those that it trains on."""


def plan_members(data: FoldedRows, *, folds: int, repeats: int, per_target: bool, seed: int) -> list[Member]:
    """Return one member per outer fold, target, inner fold and repetition.

    Args:
        data: rows with the folds that hold some of them out.
        folds: parts of the rows outside the test; each is the validation of ``repeats`` members.
        repeats: independent trainings on the same rows.
        per_target: whether each target has networks of its own.
        seed: of the run; members get seeds that differ from each other and from those of other runs.
    """
    targets = range(len(data.targets)) if per_target else [ALL_TARGETS]
    plan = [
        (number, train, validation, target)
        for number, fold in enumerate(data.folds)
        for target in targets
        for _ in range(repeats)
        for train, validation in inner_folds(data.rows, fold, folds=folds, seed=data.split["seed"])
    ]
    seeds = np.random.SeedSequence(seed).generate_state(len(plan)).tolist()
    return [Member(*entry, seed=value) for entry, value in zip(plan, seeds, strict=True)]


def planned(data: FoldedRows, ensemble: Ensemble, *, seed: int) -> list[Member]:
    """Return the members that ``conf/ensemble`` asks for."""
    return plan_members(data, folds=ensemble.folds, repeats=ensemble.repeats, per_target=ensemble.per_target, seed=seed)
