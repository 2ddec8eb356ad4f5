import pandas as pd
import pytest

from remanence.data.text_features import text_features
from remanence.errors import DataError

FRAME = pd.DataFrame(
    {
        "T": ["1100", "ND", "1120", "1130"],
        "process": ["NS", "QS", "NS", ""],
        "formula": ["BaTiO3", "KNbO3", "NaNbO3", "PbTiO3"],
        "wrong": ["1", "many", "2", "3"],
    },
    dtype=object,
)


def test_a_column_of_text_is_taken_as_a_category_and_it_is_said():
    found, said = text_features(FRAME, ["T", "process", "wrong"], [], "t.csv")

    assert found == ["process"]
    assert said == ("t.csv: 'process' holds text and is taken as a category: NS, QS",)


def test_what_is_named_as_a_category_is_not_said_again():
    assert text_features(FRAME, ["process", "formula"], ["process", "formula"], "t.csv") == ([], ())


def test_a_text_of_its_own_for_each_row_is_no_category():
    with pytest.raises(DataError, match=r"column 'formula' holds 4 different texts in 4 rows, as 'BaTiO3'; that"):
        text_features(FRAME, ["formula"], [], "t.csv")


def test_many_categories_are_counted():
    frame = pd.DataFrame({"lab": [f"lab {number % 10}" for number in range(40)]}, dtype=object)

    _, (line,) = text_features(frame, ["lab"], [], "t.csv")

    assert line.endswith("lab 6, lab 7 and 2 more")
