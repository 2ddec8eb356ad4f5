"""Options of the ways to hold rows out; defaults and their reasons are in ``conf/data/split``."""

from dataclasses import KW_ONLY
from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.constraints import Count, Folds, Fraction, Index, Seed, ShareOfRows, node


@node
class _AnySplit:
    """Keys that all ways of holding rows out share."""

    validation: Fraction
    bins: Count
    seed: Seed
    _: KW_ONLY
    inside: Index | None = None
    only: Index | None = None
    share: ShareOfRows = 1.0


@node
class Stratified(_AnySplit):
    """Options of ``conf/data/split/stratified.yaml``."""

    kind: Literal["stratified"]
    folds: Folds
    fold: Index
    held_out: dict[str, list[float]]


@node
class KFold(_AnySplit):
    """Options of ``conf/data/split/kfold.yaml``."""

    kind: Literal["kfold"]
    folds: Folds
    repeats: Count


@node
class Grouped(_AnySplit):
    """Options of ``conf/data/split/grouped.yaml``."""

    kind: Literal["grouped"]
    folds: Folds


@node
class LeaveOneGroupOut(_AnySplit):
    """Options of ``conf/data/split/leave_one_group_out.yaml``."""

    kind: Literal["leave_one_group_out"]


@node
class Transfer(_AnySplit):
    """Options of ``conf/data/split/transfer.yaml``."""

    kind: Literal["transfer"]
    train: dict[str, list[str | float]]
    test: dict[str, list[str | float]]


Split = Annotated[
    Stratified | KFold | Grouped | LeaveOneGroupOut | Transfer,
    Field(discriminator="kind"),
]
