"""Rows that one training has seen and another one would hold out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from remanence.data.nested.chain import Chain
from remanence.data.spectra.spectra import Spectra
from remanence.data.splits import Rows
from remanence.data.table import Table
from remanence.training.members import plan_members

Data = Table | Spectra | Chain


class Seen(NamedTuple):
    """Rows of one network, by their place in the file."""

    train: Rows
    validation: Rows
    test: Rows


def rows_seen_before(
    before: Data, now: Data, ensemble_before: Mapping[str, Any], ensemble_now: Mapping[str, Any]
) -> int:
    """Return how many rows are held out of a network that begins with the weights of one that was fitted to them.

    A row that the earlier network was fitted to and tested on all the same does not count: its run says so. Tables of a
    chain that have changed are left out, as their rows cannot be told apart.

    Args:
        before: data of the first training, opened.
        now: data of the second one, opened; as many networks of the same names.
        ensemble_before: of the first training, see ``conf/ensemble``.
        ensemble_now: of the second one.
    """
    rows: set[int] = set()
    known, wanted = _networks(before, ensemble_before), _networks(now, ensemble_now)
    for table in known.keys() & wanted.keys():
        for old, new in zip(known[table], wanted[table], strict=True):
            tested = np.setdiff1d(np.intersect1d(new.test, np.union1d(old.train, old.validation)), old.test)
            validated = np.setdiff1d(np.intersect1d(new.validation, old.train), old.validation)
            rows.update(tested.tolist(), validated.tolist())
    return len(rows)


def _networks(data: Data, ensemble: Mapping[str, Any]) -> dict[tuple[str, str], list[Seen]]:
    """Return the networks of each scale, known by its name and the content of its table."""
    if isinstance(data, Spectra):
        return {("", ""): [Seen(data.fold.train, data.fold.validation, data.fold.test)]}
    if isinstance(data, Chain):
        shared = {**ensemble, "per_target": False}  # a scale's network predicts all its properties
        return {(name, level.source.digest): _members(level, shared) for name, level in data.levels.items()}
    return {("", ""): _members(data, ensemble)}


def _members(data: Table, ensemble: Mapping[str, Any]) -> list[Seen]:
    arguments = {key: ensemble[key] for key in ("folds", "repeats", "per_target")}
    place = data.frame.index.to_numpy()
    return [
        Seen(place[member.train], place[member.validation], place[data.folds[member.fold].test])
        for member in plan_members(data, **arguments, seed=0)
    ]
