"""What the type of an argument allows, in words and as values to choose from."""

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from remanence.foundation.constraints import As, AsTyped, nodes_of

WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false", type(None): "null", None: "null"}
BOUNDS = (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))


def allowed_words(annotation: Any) -> str:
    """Return in words what values an annotation allows; an empty string if it allows any.

    >>> from remanence.foundation.constraints import Counts, Fraction
    >>> allowed_words(Literal["mse", "mae"] | None), allowed_words(Fraction), allowed_words(Counts)
    ('mse, mae or null', 'number above 0 and below 1', 'list of at least 1, each a whole number of at least 1')
    """
    parts = [text for text in dict.fromkeys(_words(annotation)) if text]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" or {parts[-1]}" if parts else ""


def allowed_values(annotation: Any) -> list[str]:
    """Return the values that can be listed, as they are typed; none of numbers and free text.

    >>> allowed_values(Literal["mse", "mae"] | bool | None)
    ['mse', 'mae', 'true', 'false', 'null']
    """
    return list(dict.fromkeys(_values(annotation)))


def _values(annotation: Any) -> Iterator[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        yield from map(_typed, get_args(annotation))
    elif origin is Annotated:
        yield from _values(get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in get_args(annotation):
            yield from _values(part)
    elif annotation is bool:
        yield from ("true", "false")
    elif annotation in (None, type(None)):
        yield "null"


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | None) else str(value)


def _words(annotation: Any, bounds: str = "") -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        yield from map(_typed, arguments)
    elif origin is Annotated:
        yield from _marked(arguments[0], arguments[1:])
    elif origin in (typing.Union, types.UnionType):
        for part in arguments:
            yield from _words(part)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        inner = allowed_words(arguments[1]) if len(arguments) == 2 else ""
        yield "entries of names of one's own" + (f", each a {inner}" if inner else "")
    elif isinstance(origin, type) and issubclass(origin, Sequence):
        inner = allowed_words(arguments[0]) if arguments else ""
        yield f"list{bounds}" + (f", each a {inner}" if inner else "")
    elif annotation in WORDS:
        yield WORDS[annotation] + bounds


def _marked(annotation: Any, marks: Sequence[Any]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, As):
            yield "node of: " + ", ".join(
                sorted({name for node in nodes_of(mark.node) for name in node.__annotations__})
            )
            return
        if isinstance(mark, AsTyped):
            yield "path of a file" if mark.names_file else "name of a column"
            return
    found = [part for mark in marks for part in getattr(mark, "metadata", [mark])]
    limits = {
        name: getattr(part, name) for part in found for name, _ in BOUNDS if getattr(part, name, None) is not None
    }
    said = [f"{word} {limits[name]:g}" for name, word in BOUNDS if name in limits]
    least = next((part.min_length for part in found if getattr(part, "min_length", None)), None)
    text = f" of at least {least}" if least else (" " + " and ".join(said) if said else "")
    yield from _words(annotation, text.replace(" at least", " of at least", 1) if said and "ge" in limits else text)
