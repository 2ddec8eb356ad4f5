"""Schemas of ``conf/data``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.schema import Count, Fraction, Index, NonNegative, Seed, configures, node


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
    folds: Annotated[int, Field(ge=2)]
    fold: Index
    held_out: dict[str, list[float]]


@node
class KFold(_AnySplit):
    """``conf/data/split/kfold.yaml``."""

    kind: Literal["kfold"]
    folds: Annotated[int, Field(ge=2)]
    repeats: Count


@node
class Grouped(_AnySplit):
    """``conf/data/split/grouped.yaml``."""

    kind: Literal["grouped"]
    folds: Annotated[int, Field(ge=2)]


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


@node
class TabularData:
    """Keys that every table has, whatever it is read from."""

    target: str | list[str]
    features: list[str]
    categorical: list[str]
    groups: str | None
    units: dict[str, str]
    batch_size: Count
    split: Split


@configures("remanence.data.table.Table", kind="table")
class Table(TabularData):
    """``conf/data/table.yaml``."""

    path: str | None
    published: str | None


@configures("remanence.data.nbbt.NBBT", kind="table")
class NBBT(TabularData):
    """``conf/data/nbbt.yaml``."""

    series: Annotated[list[Literal["NS", "QS", "Sr", "Bi"]], Field(min_length=1)]
    replicates: Count
    noise: NonNegative
    seed: Seed
