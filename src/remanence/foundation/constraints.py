"""Types of configuration values, and strict configuration nodes with fields of these types.

The types annotate the constructors of the classes that a configuration names, and the fields of the nodes of each
package. This module does not import torch or Lightning, so that a wrong key is reported within a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args, get_origin

from pydantic import ConfigDict, Field

T = TypeVar("T")

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
ShareOfRows = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Folds = Annotated[int, Field(ge=2)]
Part = Annotated[float, Field(gt=0, le=1)]
Counts = Annotated[Sequence[Count], Field(min_length=1)]
Positives = Annotated[Sequence[Positive], Field(min_length=1)]
Parts = Annotated[Sequence[Part], Field(min_length=1)]
Fractions = Annotated[Sequence[Fraction], Field(min_length=1)]
Shares = Annotated[Sequence[Share], Field(min_length=1)]
Names = Annotated[Sequence[str], Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # the range that numpy and scikit-learn accept


@dataclass(frozen=True)
class As:
    """Marks an argument that takes a node as plain values: ``Annotated[Mapping[str, Any], As(Encoder)]``."""

    node: Any


@dataclass(frozen=True)
class AsTyped:
    """Marks text that is taken as it was typed: a path with ``=`` or blanks, a column name with brackets."""

    names_file: bool = False
    """Whether it says where data are read from, which says nothing about what they are."""
    besides: tuple[str, ...] = ()
    """Names of what is read without a file, where there is no file of this name."""


SAMPLE_PICTURES = ("flower.jpg", "china.jpg")
"""Names of the pictures that come with scikit-learn."""
FileName = Annotated[str, AsTyped(names_file=True)]
PictureName = Annotated[str, AsTyped(names_file=True, besides=SAMPLE_PICTURES)]
ColumnName = Annotated[str, AsTyped()]

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""Pydantic options under which unknown keys and silent conversions (``"3"`` to ``3``) are errors."""


@dataclass_transform()
def node(cls: type[T]) -> type[T]:
    """Make ``cls`` a strict node of a configuration."""
    cls = dataclass(cls)
    cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]
    return cls


def nodes_of(annotation: Any) -> list[type]:
    """Return the nodes among the types that an annotation allows: none for plain values, several for a union."""
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    return [schema for part in get_args(annotation) for schema in nodes_of(part)]


def is_mapping(annotation: Any) -> bool:
    """Return whether an annotation allows a mapping, whose names the user chooses.

    >>> is_mapping(dict[str, int] | None), is_mapping(list[int])
    (True, False)
    """
    return get_origin(annotation) is dict or any(get_origin(part) is dict for part in get_args(annotation))
