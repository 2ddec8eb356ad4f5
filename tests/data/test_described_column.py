import numpy as np
import pandas as pd
import pytest

from remanence.data.described_column import CATEGORY, EMPTY, FORMULA, NAME, NUMBER, describe_column


def described(*cells, header="c", unit=None):
    return describe_column(header, pd.Series(list(cells), dtype=object), unit)


KINDS = {
    "numbers": (["1", "2.5", "-3e4"], NUMBER),
    "numbers with a wrong cell": (["1", "2", "many"], NUMBER),
    "values with uncertainty": (["345±5", "300 ± 4", "ND"], NUMBER),
    "numbers with commas": (["1,234", "1,5"], NUMBER),
    "numbers with units": (["12 pC/N", "13 pC/N"], NUMBER),
    "nothing but ND": (["ND", "n/a"], NUMBER),
    "categories": (["NS", "QS", "NS", "QS", ""], CATEGORY),
    "names": (["S1", "S2", "S3"], NAME),
    "formulas": (["0.94Na0.5Bi0.5TiO3-0.06BaTiO3", "BaTiO3", "KNbO3", "not known"] + ["PbTiO3"] * 4, FORMULA),
    "elements": (["Sr", "Bi", "Sr", "Bi", "Sr", "Bi"], CATEGORY),
    "nothing": (["", None], EMPTY),
}


@pytest.mark.parametrize(("cells", "kind"), KINDS.values(), ids=KINDS)
def test_the_kind_of_a_column_is_told_from_its_cells(cells, kind):
    assert described(*cells).kind == kind


def test_a_column_of_numbers_has_a_range_and_counts_what_is_no_plain_number():
    column = described("1", "345±5", "ND", "", "<5", "7")

    assert column.values == "1 to 345; 1 with uncertainty; 2 empty"
    np.testing.assert_array_equal(column.codes, [1, 345, np.nan, np.nan, np.nan, 7])
    assert [fault.row for fault in column.faults] == [1, 2, 3, 4]
    assert not column.can_be_taken
    assert described("1", "345±5", "ND").can_be_taken


def test_categories_are_counted_the_most_frequent_first():
    assert described("QS", "NS", "NS", "NS", "QS", None, header="kind").values == "NS (3), QS (2); 1 empty"
    assert described(*"aabbccddeeffgghh").values == "a (2), b (2), c (2), d (2), e (2), f (2) and 2 more"


def test_formulas_that_cannot_be_read_are_named():
    column = described("BaTiO3", "KNbO3", "PbTiO3", "NaNbO3", "BaTi(O3")

    assert column.kind == FORMULA
    (fault,) = column.faults
    assert fault.row == 4
    assert fault.what.startswith("cannot be read")


def test_the_unit_stands_in_the_header_or_below_it():
    assert described("1", header="d33 (pC/N)").unit == "pC/N"
    assert described("1", header="d33 (pC/N)").bare == "d33"
    assert described("1", header="d33", unit="m/V").unit == "m/V"
    assert described("1").unit is None


def test_columns_that_name_rows_and_families_are_told_by_their_names():
    assert described("S1", "S2", header="Sample No.").names_rows
    assert not described("S1", "S2", header="Sample No.").names_families
    assert described("S1", "S1", "S2", header="Sample").names_families
    assert described(1, 1, 2, header="Pellet").names_families
    assert described(1, 2, 1, header="Piece").names_rows
    assert not described(1, 2, 1, header="Piece").names_families
    assert not described(1, 2, 1, header="x").names_rows


def test_a_constant_column_is_told():
    assert described("1", "1.0", "ND").is_constant
    assert described("a", "a").is_constant
    assert not described("1", "2").is_constant
    assert not described("a", "b").is_constant
