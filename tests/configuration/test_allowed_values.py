from typing import Annotated, Any, Literal

import pytest

from remanence.configuration.allowed_values import allowed_values, allowed_words
from remanence.foundation.constraints import ColumnName, Count, FileName, Fraction, Index, Names, Positive, ShareOfRows


@pytest.mark.parametrize(
    ("annotation", "words", "values"),
    [
        (Literal["mse", "mae"], "mse or mae", ["mse", "mae"]),
        (bool, "true or false", ["true", "false"]),
        (Positive | None, "number above 0 or null", ["null"]),
        (Fraction, "number above 0 and below 1", []),
        (ShareOfRows, "number above 0 and at most 1", []),
        (Count, "whole number of at least 1", []),
        (Index, "whole number of at least 0", []),
        (Names, "list of at least 1, each a text", []),
        (list[Count], "list, each a whole number of at least 1", []),
        (dict[str, float], "entries of names of one's own, each a number", []),
        (FileName, "path of a file", []),
        (ColumnName | None, "name of a column or null", ["null"]),
        (Count | Literal["auto"], "whole number of at least 1 or auto", ["auto"]),
        (Annotated[str, "anything"], "text", []),
        (Any, "", []),
    ],
)
def test_a_type_is_said_in_words_and_its_values_are_listed(annotation, words, values):
    assert allowed_words(annotation) == words
    assert allowed_values(annotation) == values
