"""Which rows the networks of a training see, by their place in the file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Rows
from remanence.training.members import plan_members


class Seen(NamedTuple):
    """Rows of one network."""

    train: Rows
    validation: Rows
    test: Rows


def seen_by_members(data: FoldedRows, ensemble: Mapping[str, Any]) -> list[Seen]:
    """Return the rows of every member of a run's ensembles.

    Args:
        data: with the folds of the run.
        ensemble: see ``conf/ensemble``.
    """
    planned = {key: ensemble[key] for key in ("folds", "repeats", "per_target")}
    place = data.frame.index.to_numpy()
    return [
        Seen(place[member.train], place[member.validation], place[data.folds[member.fold].test])
        for member in plan_members(data, **planned, seed=0)
    ]
