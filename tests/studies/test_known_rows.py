from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.data.row_digests import row_digests
from remanence.studies.known_rows import FOLDER, ROWS, KnownRows, told_fitted_before
from remanence.tracking.campaign import FORKED_TAG

X = np.arange(6.0)[:, None]


def data(x, *tests):
    return SimpleNamespace(x=x, folds=[SimpleNamespace(test=np.array(test)) for test in tests])


class Stored:
    """A stored run: the rows it was fitted to and those each fold held out, and the run it was forked from."""

    def __init__(self, folder, name, fork=None, fitted=(), folds=()):
        self.folder, self.name, self.config = folder / name, name, {"fork": fork}
        self.found = SimpleNamespace(data=SimpleNamespace(tags={} if fork is None else {FORKED_TAG: fork}))
        digests = row_digests(X)
        held = [pd.DataFrame({"digest": digests[list(rows)], "fold": number}) for number, rows in enumerate(folds)]
        (self.folder / FOLDER).mkdir(parents=True)
        KnownRows(digests[list(fitted)], pd.concat(held) if held else KnownRows(digests).held).log(self, ROWS)

    def log_parquet(self, table, name, folder):
        table.to_parquet(self.folder / folder / f"{name}.parquet")

    def stored_file(self, name):
        path = self.folder / name
        return path if path.is_file() else None

    def beside(self, name):
        return self.known[name]


@pytest.fixture
def told(tmp_path):
    def told(opened, *, fork="first", **origin):
        Stored.known = {"first": Stored(tmp_path, "first", **origin)}
        return told_fitted_before(Stored(tmp_path, "second", fork), ROWS, opened)

    return told


def test_tested_rows_that_a_forked_run_was_fitted_to_are_counted(told):
    assert told(data(X, [0, 1, 2], [3, 4, 5]), fitted=range(4), folds=[[0, 2], [1, 3]]) == (
        "R² and intervals of this run are too good: 1 of the 6 rows tested here were fitted in first; the same "
        "training without fork= is an honest test"
    )


@pytest.mark.parametrize(
    ("opened", "origin"),
    [
        (data(X, [0, 1, 2], [3, 4, 5]), {"fitted": range(6), "folds": [[0, 1, 2], [3, 4, 5]]}),  # the same division
        (data(X, [4, 5]), {"fitted": range(4)}),  # what is tested is new
        (data(X + 0.5, [0, 1], [2, 3]), {"fitted": range(6)}),  # other inputs
        (data(X, [0, 1]), {"fitted": range(6), "fork": None}),  # no fork
    ],
)
def test_nothing_is_said_if_no_tested_row_was_fitted(told, opened, origin):
    assert told(opened, **origin) == ""
