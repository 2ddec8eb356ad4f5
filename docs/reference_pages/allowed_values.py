"""From the type of a configuration key to the words for what it takes."""

import types
import typing
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin

BARE = {str: "text", int: "whole number", float: "number", bool: "true, false", type(None): "null", dict: "mapping"}


def allowed(annotation: Any) -> str:
    """Return what a key of this type takes; empty where anything may stand.

    >>> from remanence.foundation.constraints import Count, Fraction
    >>> allowed(Count | None), allowed(Fraction), allowed(typing.Literal["mse", "mae"])
    ('whole number ≥ 1, or null', 'number > 0 and < 1', 'mse, mae')
    """
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return _bounded(annotation)
    if origin is typing.Literal:
        return ", ".join("false" if value is False else str(value) for value in get_args(annotation))
    if origin in (typing.Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        texts = [text for text in dict.fromkeys(map(allowed, parts)) if text]
        return ", or ".join([*texts, *(["null"] if len(parts) < len(get_args(annotation)) else [])])
    if origin is list or annotation is list:
        inner = allowed(get_args(annotation)[0]) if get_args(annotation) else ""
        return f"list: {inner}" if inner else "list"
    if origin is dict:
        inner = allowed(get_args(annotation)[1])
        return f"mapping: {inner}" if inner else "mapping"
    if is_dataclass(annotation):
        return "mapping"
    return BARE.get(annotation, "")


def _bounded(annotation: Any) -> str:
    bounds = []
    for mark in annotation.__metadata__:
        for each in (mark, *getattr(mark, "metadata", ())):
            for name, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤")):
                if (limit := getattr(each, name, None)) is not None:
                    bounds.append(f"{sign} {'2³²' if limit == 2**32 else f'{limit:g}'}")
    return " ".join([allowed(annotation.__origin__), " and ".join(dict.fromkeys(bounds))]).strip()
