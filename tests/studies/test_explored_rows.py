from types import SimpleNamespace

import numpy as np
import pytest

from remanence.data.table import Table
from remanence.studies.explored_rows import MOST_ROWS, explored_rows, predicted_rows, shown_rows
from remanence.training.fitted import FoldResult

SPLIT = {"kind": "stratified", "folds": 5, "fold": 0, "held_out": {}, "validation": 0.2, "bins": 4, "seed": 0}


def fit_of(data, *, folds=1):
    """Return a fit that predicts a row's number, with intervals of ± 2 where it is held out."""
    parts = {"train": data.fold.train, "val": data.fold.validation, "test": data.fold.test}
    predicted = {name: (rows, rows[:, None].astype(float)) for name, rows in parts.items()}
    fold = FoldResult(None, predicted, np.full((len(data.fold.test), 1), 2.0))
    return SimpleNamespace(folds=[fold] * folds, coverage=0.9)


@pytest.fixture
def data(table):
    return Table(path=str(table()), target="d33", features=["x", "amount", "kind"], batch_size=8, split=SPLIT).open()


def test_rows_that_no_fold_holds_out_have_the_prediction_of_the_fit_and_no_interval(data):
    predicted, half_width, part = predicted_rows(fit_of(data), data)

    np.testing.assert_array_equal(predicted[:, 0], np.arange(30))
    assert set(np.flatnonzero(part == 2)) == set(data.fold.test)
    assert set(np.flatnonzero(part == 1)) == set(data.fold.validation)
    assert set(np.flatnonzero(np.isfinite(half_width[:, 0]))) == set(data.fold.test)


def test_the_nearest_rows_are_known_ones_and_never_the_row_itself(data):
    _, _, part = predicted_rows(fit_of(data), data)

    shown = explored_rows(data, np.arange(30), part)

    z = (data.x - data.x.mean(axis=0)) / data.x.std(axis=0)
    known = np.flatnonzero(part < 2)
    for row in range(30):
        others = known[known != row]
        distance = np.sqrt(((z[others] - z[row]) ** 2).mean(axis=1))
        assert shown["nearest"][row][0] == others[distance.argmin()]
        assert shown["distance"][row][0] == pytest.approx(distance.min())
        assert len(shown["nearest"][row]) == 5
    assert shown["inputs"][2]["values"][:3] == ["NS", "QS", "NS"]
    assert shown["name"][0] == "row 1"


def test_of_many_rows_a_random_part_is_shown():
    rows, left_out = shown_rows(np.zeros((MOST_ROWS + 5, 1)))

    assert (len(np.unique(rows)), left_out) == (MOST_ROWS, 5)
    assert shown_rows(np.array([[np.nan], [1.0]]))[0].tolist() == [1]
