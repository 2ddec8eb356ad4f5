"""Rows that one training run was fitted to and that another one would hold out."""

from collections.abc import Mapping, Sequence

import numpy as np

from remanence.training.seen_rows import Seen

Networks = Mapping[tuple[str, str], Sequence[Seen]]
"""Rows of each network; a key is a part of the data, such as a table, and its content."""


def rows_seen_before(before: Networks, now: Networks) -> int:
    """Return how many rows a network holds out although its initial weights were fitted to them.

    A row that the earlier network was both fitted to and tested on does not count, because the earlier run says so
    itself. Parts of the data whose content has changed are left out, because their rows cannot be matched.

    Args:
        before: rows of the first training run, see ``Study.rows_seen``.
        now: rows of the second training run, which has the same number of networks.
    """
    rows: set[int] = set()
    for part in before.keys() & now.keys():
        for old, new in zip(before[part], now[part], strict=True):
            tested = np.setdiff1d(np.intersect1d(new.test, np.union1d(old.train, old.validation)), old.test)
            validated = np.setdiff1d(np.intersect1d(new.validation, old.train), old.validation)
            rows.update(tested.tolist(), validated.tolist())
    return len(rows)
