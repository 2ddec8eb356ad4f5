"""Ways of holding rows out, see ``conf/data/split``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.constraints import Count, Folds, Fraction, Index, Seed, node


@node
class _AnySplit:
    """Keys that every way of holding rows out has."""

    validation: Fraction
    bins: Count
    seed: Seed


@node
class Stratified(_AnySplit):
    """``conf/data/split/stratified.yaml``."""

    kind: Literal["stratified"]
    folds: Folds
    fold: Index
    held_out: dict[str, list[float]]


@node
class KFold(_AnySplit):
    """``conf/data/split/kfold.yaml``."""

    kind: Literal["kfold"]
    folds: Folds
    repeats: Count


@node
class Grouped(_AnySplit):
    """``conf/data/split/grouped.yaml``."""

    kind: Literal["grouped"]
    folds: Folds


@node
class LeaveOneGroupOut(_AnySplit):
    """``conf/data/split/leave_one_group_out.yaml``."""

    kind: Literal["leave_one_group_out"]


@node
class Transfer(_AnySplit):
    """``conf/data/split/transfer.yaml``."""

    kind: Literal["transfer"]
    train: dict[str, list[str | float]]
    test: dict[str, list[str | float]]


Split = Annotated[
    Stratified | KFold | Grouped | LeaveOneGroupOut | Transfer,
    Field(discriminator="kind"),
]
