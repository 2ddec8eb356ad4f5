"""Schemas of configuration nodes: plain dataclasses, checked by pydantic, tied to the class they configure.

They live in the ``schema.py`` of each room and import neither torch nor Lightning, so that a wrong key is
answered in a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, TypeVar, get_args

from pydantic import ConfigDict, Field

T = TypeVar("T")

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what numpy and scikit-learn take

SCHEMAS: dict[str, type] = {}
"""Schema of each ``_target_`` that ships with remanence."""


def node(cls: type[T]) -> type[T]:
    """Make ``cls`` a strict schema: unknown keys and silent conversions (``"3"`` to ``3``) are errors."""
    cls = dataclass(cls)
    cls.__pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)  # type: ignore[attr-defined]
    return cls


def configures(target: str, *, kind: str | None = None) -> Callable[[type[T]], type[T]]:
    """Register a schema for the configuration nodes whose ``_target_`` is ``target``.

    Args:
        target: class that the nodes configure.
        kind: of the data that it is, or that a model is trained on.
    """

    def register(cls: type[T]) -> type[T]:
        SCHEMAS[target] = node(cls)
        SCHEMAS[target].kind = kind  # type: ignore[attr-defined]
        return SCHEMAS[target]

    return register


def schema_of(target: Any) -> type | None:
    """Return the schema for a ``_target_``, or None for a class from outside the package."""
    return SCHEMAS.get(target) if isinstance(target, str) else None


def nodes_of(annotation: Any) -> list[type]:
    """Return the schemas among the types that a field may have: none for plain values, several for a union."""
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    return [schema for part in get_args(annotation) for schema in nodes_of(part)]
