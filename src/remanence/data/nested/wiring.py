"""Connections between scales: the order of a chain or tree, and the rows that a join matches."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import NAME, as_number, is_empty, shown_row
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.names import BEST, file_names, plain_name


def order_scales(scales: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of the scales, each after its parents.

    Args:
        scales: description of each scale by its name; ``parents`` and ``join`` are read.

    Raises:
        ConfigurationError: for an unknown parent, for a join with a scale that is not a parent, or for a cycle; for a
            name whose metrics or files would have the names of others.
    """
    for name, file in file_names(scales).items():
        if name == BEST or file != plain_name(name) or f"latents_{name}" in scales:
            raise ConfigurationError(
                f"model.scales.{name}: metrics or figures of this scale would be called as others are; rename it"
            )
    parents = {name: list(spec.get("parents") or ()) for name, spec in scales.items()}
    for name, above in parents.items():
        for parent in above:
            if parent not in scales:
                raise ConfigurationError(
                    f"model.scales.{name}.parents: unknown scale '{parent}'; there are: {', '.join(scales)}"
                )
        for joined in scales[name].get("join") or {}:
            if joined not in above:
                raise ConfigurationError(f"model.scales.{name}.join: '{joined}' is not one of its parents: {above}")
    try:
        return list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        raise ConfigurationError(f"model.scales: a cycle of parents: {' → '.join(reversed(error.args[1]))}") from None


def key_texts(keys: "pd.Series[Any]") -> "pd.Series[Any]":
    r"""Return key cells as texts that are equal where they name one row, however a table writes numbers and blanks.

    >>> key_texts(pd.Series(["1", 2.0, "2.0", " S\xa01", "007"])).tolist()
    ['1', '2', '2', 'S 1', '007']
    """
    return keys.map(_key_text)


def _key_text(cell: object) -> str:
    text = " ".join(unicodedata.normalize("NFC", str(cell)).split())
    number = None if NAME.match(text) else as_number(text)
    return f"{number:.15g}" if number is not None and math.isfinite(number) else text


def match_rows(
    scale: str, key: str, frame: pd.DataFrame, finer: pd.DataFrame, *, parent: str, source: str
) -> NDArray[np.intp]:
    """Return, for each row of ``frame``, the position of the row of ``finer`` with the same ``key``, shape (rows,).

    Args:
        scale: name of the scale that is joined, for error messages.
        key: column of both tables that the rows are matched by.
        frame: rows of the scale.
        finer: rows of the scale's parent.
        parent: name of the parent, for error messages.
        source: name of the file of ``frame``, for error messages.

    Raises:
        ConfigurationError: if a table lacks the key column, or no row matches.
        DataError: if a key value occurs twice in the finer table, or if a row has no key value or no match.
    """
    where = f"model.scales.{scale}.join.{parent}"
    for name, table in ((scale, frame), (parent, finer)):
        if key not in table:
            raise ConfigurationError(f"{where}: the table of '{name}' has no column '{key}'")
    keys = pd.Index(key_texts(finer[key]))
    if not keys.is_unique:
        twice = keys[keys.duplicated()][0]
        raise DataError(f"{where}: '{key}' must tell the rows of '{parent}' apart, '{twice}' stands there twice")
    empty = np.flatnonzero(frame[key].map(is_empty))
    if empty.size:
        raise DataError(f"{source}: row {shown_row(frame, empty[0])}, column '{key}' is empty")
    wanted = key_texts(frame[key])
    places = keys.get_indexer(pd.Index(wanted))
    if (places < 0).all():
        raise ConfigurationError(
            f"{where}: no row matches: '{key}' is such as '{wanted.iloc[0]}' here, such as '{keys[0]}' in '{parent}'"
        )
    if (places < 0).any():
        missing = int(np.flatnonzero(places < 0)[0])
        raise DataError(
            f"{source}: row {shown_row(frame, missing)}, column '{key}' is '{wanted.iloc[missing]}', which no row of "
            f"'{parent}' has; so are {int((places < 0).sum())} of {len(places)} rows"
        )
    return np.asarray(places, dtype=np.intp)


def keys_of(scales: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the key columns of each table: those that it is joined by."""
    keys: dict[str, list[str]] = {}
    for spec in scales.values():
        for parent, key in (spec.get("join") or {}).items():
            for table in (spec["data"], scales[parent]["data"]):
                keys.setdefault(table, [])
                keys[table] += [key] * (key not in keys[table])
    return keys


def columns_of(scales: Mapping[str, Mapping[str, Any]], table: str) -> list[str]:
    """Return the columns of ``table`` that its scales use: inputs, properties and keys."""
    own = [spec for spec in scales.values() if spec["data"] == table]
    inputs: Sequence[str] = [column for spec in own for column in spec["inputs"]]
    heads = [column for spec in own for head in (spec.get("heads") or {}).values() for column in head["columns"]]
    return list(dict.fromkeys([*inputs, *heads, *keys_of(scales).get(table, [])]))


def inherited_columns(scales: Mapping[str, Mapping[str, Any]], table: str) -> list[str]:
    """Return the columns of ``table`` by which its scales encode finer scales that they are not joined with."""
    found: list[str] = []

    def take(name: str) -> None:
        for parent in scales[name].get("parents") or ():
            if parent not in (scales[name].get("join") or {}):
                found.extend(scales[parent]["inputs"])
                take(parent)

    for name, spec in scales.items():
        if spec["data"] == table:
            take(name)
    return list(dict.fromkeys(found))
