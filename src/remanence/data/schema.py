"""Schemas of ``conf/data``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.schema import Count, Fraction, Index, NonNegative, Seed, configures, node


@node
class Split:
    """How rows are divided into training, validation and test."""

    folds: Annotated[int, Field(ge=2)]
    fold: Index
    validation: Fraction
    bins: Count
    seed: Seed


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


@configures("remanence.data.table.Table")
class Table(TabularData):
    """``conf/data/table.yaml``."""

    path: str | None
    published: str | None


@configures("remanence.data.nbbt.NBBT")
class NBBT(TabularData):
    """``conf/data/nbbt.yaml``."""

    series: Annotated[list[Literal["NS", "QS", "Sr", "Bi"]], Field(min_length=1)]
    replicates: Count
    noise: NonNegative
    seed: Seed
