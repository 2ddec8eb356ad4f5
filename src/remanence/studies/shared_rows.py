"""Rows that one training has seen and another one would hold out."""

from collections.abc import Mapping, Sequence

import numpy as np

from remanence.training.seen_rows import Seen

Networks = Mapping[tuple[str, str], Sequence[Seen]]
"""Part of the data and its content to the rows of each network."""


def rows_seen_before(before: Networks, now: Networks) -> int:
    """Return how many rows are held out of a network that begins with the weights of one that was fitted to them.

    A row that the earlier network was fitted to and tested on all the same does not count: its run says so. Parts of
    the data whose content has changed are left out, as their rows cannot be told apart.

    Args:
        before: of the first training, see ``Study.rows_seen``.
        now: of the second one; as many networks of the same names.
    """
    rows: set[int] = set()
    for part in before.keys() & now.keys():
        for old, new in zip(before[part], now[part], strict=True):
            tested = np.setdiff1d(np.intersect1d(new.test, np.union1d(old.train, old.validation)), old.test)
            validated = np.setdiff1d(np.intersect1d(new.validation, old.train), old.validation)
            rows.update(tested.tolist(), validated.tolist())
    return len(rows)
