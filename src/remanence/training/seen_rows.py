"""The rows that the networks of a training see, by their position in the file."""

from typing import NamedTuple

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Rows
from remanence.training.options import Ensemble
from remanence.training.stacked.members import planned


class Seen(NamedTuple):
    """Rows that one network sees, as positions in the file."""

    train: Rows
    validation: Rows
    test: Rows


def seen_by_members(data: FoldedRows, ensemble: Ensemble) -> list[Seen]:
    """Return the rows of every member of a run's ensembles.

    Args:
        data: rows and the folds that hold some of them out.
        ensemble: options of ``conf/ensemble``.
    """
    place = data.frame.index.to_numpy()
    return [
        Seen(place[member.train], place[member.validation], place[data.folds[member.fold].test])
        for member in planned(data, ensemble, seed=0)
    ]
