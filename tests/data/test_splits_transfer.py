import numpy as np
import pytest
from test_splits_of_each_kind import FRAME, ROWS, TARGET, assert_partition, divide, table

from remanence.data.nbbt import NBBT
from remanence.data.splits import RowTable
from remanence.errors import ConfigurationError, DataError

SPLIT = {"kind": "transfer", "validation": 0.2, "bins": 5, "seed": 0}
NS_TO_QS = {"train": {"series": ["NS"]}, "test": {"series": ["QS"]}}


def campaign(**split):
    return NBBT(
        series=["NS", "QS", "Sr"], replicates=4, target="d33", features=["x", "lph_slope"], split=SPLIT | split
    ).open()


def test_one_process_trains_and_another_tests():
    data = campaign(**NS_TO_QS)

    (fold,) = data.folds
    series = data.frame["series"].to_numpy()
    assert set(series[fold.train]) == set(series[fold.validation]) == {"NS"}
    assert set(series[fold.test]) == {"QS"}
    assert len(fold.fitting) == len(fold.test) == 24
    assert len(fold.validation) == round(0.2 * 24)


def test_several_values_and_several_columns_are_all_asked_for():
    (fold,) = divide(
        "transfer", train={"series": ["NS", "QS"], "dopant": [0, 0.005]}, test={"series": ["Sr"], "dopant": ["1.0"]}
    )

    fitting, test = FRAME.iloc[fold.fitting], FRAME.iloc[fold.test]
    wanted = FRAME["series"].isin(["NS", "QS"]) & FRAME["dopant"].isin([0, 0.005])
    np.testing.assert_array_equal(fold.fitting, np.flatnonzero(wanted))
    assert set(fitting["dopant"]) == {0, 0.005}
    assert set(test["series"]) == {"Sr"}
    assert set(test["dopant"]) == {1.0}


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"train": {"series": ["NS", "QS"]}, "test": {"series": ["QS"]}}, "20 rows match both data.split.train and"),
        ({"train": {"series": ["XX"]}, "test": {"series": ["QS"]}}, "no row matches data.split.train: {'series'"),
        ({"train": {"series": ["NS"]}, "test": {"series": ["XX"]}}, "no row matches data.split.test: {'series'"),
        ({"train": {}, "test": {"series": ["QS"]}}, "no row matches data.split.train: {}"),
        ({"train": {"series": ["NS"]}, "test": {"series": []}}, "no row matches data.split.test"),
        ({"train": {"lph_slope": [FRAME["lph_slope"][0]]}, "test": {"series": ["QS"]}}, "rows are too few"),
    ],
)
def test_what_cannot_be_transferred_names_the_file_and_the_key(split, message):
    with pytest.raises(DataError) as caught:
        divide("transfer", **split)

    assert str(caught.value).startswith("t.csv: ")
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_column_of_the_split_is_looked_for_in_the_table():
    with pytest.raises(DataError, match="no column 'proces'"):
        campaign(train={"proces": ["NS"]}, test={"series": ["QS"]})


@pytest.mark.parametrize("kind", ["grouped", "leave_one_group_out"])
def test_without_families_the_key_to_give_is_named(kind):
    options = {"folds": 5} if kind == "grouped" else {}

    with pytest.raises(ConfigurationError, match=r"^data\.groups: name the column"):
        divide(kind, table(groups=None), **options)
    with pytest.raises(DataError, match=r"^t\.csv: data\.groups or data\.families gives one family"):
        divide(kind, table(groups=np.full(ROWS, "a")), **options)


def test_more_folds_than_families_name_both_numbers():
    with pytest.raises(DataError, match=r"data\.split\.folds: 10 folds need 10 families, t\.csv has 9"):
        divide("grouped", folds=10)


@pytest.mark.parametrize("fold", range(5))
def test_rows_nearest_to_the_held_out_points_join_the_test(fold):
    wanted = [25.51, 47.54]
    nearest = {int(np.abs(FRAME["lph_slope"] - value).argmin()) for value in wanted}
    (plain,) = divide("stratified", folds=5, fold=fold, held_out={})

    (divided,) = divide("stratified", folds=5, fold=fold, held_out={"lph_slope": wanted})

    assert_partition(divided)
    assert set(divided.test) == set(plain.test) | nearest


def test_points_of_several_columns_are_held_out():
    (divided,) = divide("stratified", folds=5, fold=0, held_out={"lph_slope": [16.0], "dopant": [0.9]})

    assert FRAME["lph_slope"].argmin() in divided.test
    assert FRAME["dopant"].argmax() in divided.test


def test_held_out_points_of_a_column_of_text_are_a_clear_error():
    given = RowTable(TARGET, None, FRAME, "t.csv")

    with pytest.raises(DataError, match=r"data\.split\.held_out.*series"):
        divide("stratified", given, folds=5, fold=0, held_out={"series": [1.0]})
