"""Types of the values of a configuration, and strict nodes made of them.

They stand in the signatures of the classes that a configuration names, and in the nodes of each room. Nothing here
imports torch or Lightning, so that a wrong key is answered in a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args

from pydantic import ConfigDict, Field

T = TypeVar("T")

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Folds = Annotated[int, Field(ge=2)]
Part = Annotated[float, Field(gt=0, le=1)]
Counts = Annotated[Sequence[Count], Field(min_length=1)]
Positives = Annotated[Sequence[Positive], Field(min_length=1)]
Fractions = Annotated[Sequence[Fraction], Field(min_length=1)]
Names = Annotated[Sequence[str], Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what numpy and scikit-learn take


@dataclass(frozen=True)
class As:
    """Marks an argument that takes the plain values of a node: ``Annotated[Mapping[str, Any], As(Encoder)]``."""

    node: Any


@dataclass(frozen=True)
class AsTyped:
    """Marks text that is taken as it was typed: a path with ``=`` or blanks, a column name with brackets."""

    names_file: bool = False
    """Whether it says where data are read from, which says nothing about what they are."""


FileName = Annotated[str, AsTyped(names_file=True)]
ColumnName = Annotated[str, AsTyped()]

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""Unknown keys and silent conversions (``"3"`` to ``3``) are errors."""


@dataclass_transform()
def node(cls: type[T]) -> type[T]:
    """Make ``cls`` a strict node of a configuration."""
    cls = dataclass(cls)
    cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]
    return cls


def nodes_of(annotation: Any) -> list[type]:
    """Return the nodes among the types that a field may have: none for plain values, several for a union."""
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    return [schema for part in get_args(annotation) for schema in nodes_of(part)]
