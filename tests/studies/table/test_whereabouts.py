import numpy as np
import pandas as pd

from remanence.science.training_region import TrainingRegion
from remanence.studies.table.whereabouts import told_outside, where_table

MADE = ((1100.0, 1, 0, 1, 0), (1180.0, 0, 1, 0, 1))  # NS with Bi, QS with Sr
GRID = np.array([[x, *made] for x in (0.0, 0.1, 0.2) for made in MADE])
INPUTS = ["x", "T_sint", "Process=NS", "Process=QS", "Series=Bi", "Series=Sr"]
REGION = TrainingRegion.of(GRID, [2, 3, 4, 5])


def locate(*rows):
    return REGION.locate(np.array(rows))


def told(*rows):
    return told_outside(locate(*rows), INPUTS, ["Process", "Series"], lambda row: row + 2)


HOME, HOT, FAR = [0.1, 1100, 1, 0, 1, 0], [0.1, 1300, 1, 0, 1, 0], [0.9, 1300, 0, 1, 0, 1]
UNSEEN = [0.1, 1100, 1, 0, 0, 1]


def test_every_reason_is_named_with_its_number_of_rows():
    assert told(HOME, HOT, FAR, FAR, UNSEEN) == (
        "4 of 5 rows lie outside the training rows (3 beyond the range of T_sint, x; 1 with values of Process and "
        "Series unseen together): rows 3, 4, 5, 6; whether their intervals hold is not tested"
    )


def test_one_row_and_none():
    assert told(HOT).startswith("1 of 1 rows lies outside the training rows (1 beyond the range of T_sint): row 2; ")
    assert "): rows 3, 4, 5, 6, 7 and 2 more; " in told(HOME, *[HOT] * 7)
    assert told(HOME, HOME) == "none of 2 rows lies outside the training rows"


def test_the_columns_say_distance_and_yes_or_no_and_meet_no_other():
    table = where_table(locate(HOME, HOT), pd.Index([7, 3]), ["d33", "distance"])

    assert list(table) == ["distance_2", "extrapolated"]
    assert table.index.tolist() == [7, 3]
    assert table["distance_2"].round(6).tolist() == [0.0, 5.0]  # sd 40, 200 away
    assert table["extrapolated"].tolist() == ["no", "yes"]
