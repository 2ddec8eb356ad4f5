import numpy as np
import pandas as pd
import pytest

from remanence.data.number_column import holds_text, read_numbers


def column(*cells, dtype=object):
    return pd.DataFrame({"d33": pd.Series(list(cells), dtype=dtype)})


@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_texts_are_read_as_python_reads_them_to_the_last_digit(dtype):
    values = np.random.default_rng(0).normal(size=200)

    read = read_numbers(column(*map(repr, values.tolist()), dtype=dtype), "d33")

    assert read.values.tolist() == values.tolist()
    assert read.faults == []


@pytest.mark.parametrize("dtype", ["int64", "float32", "Int64", "Float64", "bool", object])
def test_columns_of_numbers_stay_what_they_are(dtype):
    read = read_numbers(column(1, 0, 1, dtype=dtype), "d33")

    assert read.values.tolist() == [1, 0, 1]
    assert read.values.dtype == np.float64


def test_a_missing_number_of_a_typed_column_is_a_fault():
    for typed in (column(1, None, dtype="Int64"), column(1.0, np.nan, dtype="float64")):
        (fault,) = read_numbers(typed, "d33").faults
        assert (fault.row, fault.missing) == (1, True)


def test_the_table_in_memory_is_not_changed():
    given = column(1.0, 2.0, dtype="float64")

    read_numbers(given, "d33").values[:] = 0

    assert given["d33"].tolist() == [1.0, 2.0]


def test_every_cell_that_cannot_be_taken_is_named():
    read = read_numbers(column("1", "ND", "<5", "345±5", "many", 7), "d33")

    assert [(fault.row, fault.missing) for fault in read.faults] == [(1, True), (2, False), (3, False), (4, False)]
    np.testing.assert_array_equal(read.values, [1, np.nan, np.nan, np.nan, np.nan, 7])
    assert np.isnan(read.uncertainty).all()


def test_values_with_an_uncertainty_are_taken_if_asked_for():
    read = read_numbers(column("1", "345±5", "~3", "<5"), "d33", uncertain=True)

    np.testing.assert_array_equal(read.values, [1, 345, 3, np.nan])
    np.testing.assert_array_equal(read.uncertainty, [np.nan, 5, np.nan, np.nan])
    assert read.uncertain == [1, 2]
    assert [fault.row for fault in read.faults] == [3]


def test_a_column_of_texts_holds_categories_and_one_of_wrong_numbers_does_not():
    assert holds_text(pd.Series(["NS", "QS", None, "n/a"], dtype=object))
    assert not holds_text(pd.Series(["1", "many"], dtype=object))
    assert not holds_text(pd.Series(["<5", "<3"], dtype=object))
    assert not holds_text(pd.Series(["12 pC/N"], dtype=object))
    assert not holds_text(pd.Series(["1,5", "2,5"], dtype=object))
    assert not holds_text(pd.Series([None, "ND"], dtype=object))
    assert not holds_text(pd.Series([1.0, 2.0]))
