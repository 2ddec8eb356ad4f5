import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.studies.design.named_inputs import find_input, split_parts, split_value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x=0:1", ["x=0:1"]),
        ("a=[1,2] , b=3", ["a=[1,2]", "b=3"]),
        ('"T, hot (K)"=1:2,b=3', ['"T, hot (K)"=1:2', "b=3"]),
        ("Component=(K,Na)NbO3,b='x,y'", ["Component=(K,Na)NbO3", "b='x,y'"]),
        ('"it\'s"=1,b=2', ['"it\'s"=1', "b=2"]),
    ],
)
def test_commas_in_brackets_and_quotes_do_not_separate(text, parts):
    assert split_parts(text, "over") == parts


def test_a_name_in_quotes_may_hold_an_equals_sign():
    assert split_value('"a=b" = c=d', "given") == ("a=b", "c=d")


def test_a_unit_may_be_left_out_where_one_column_is_meant():
    columns = Columns(["T (K)", "p (Pa)", "p (bar)"], ["d33"])

    assert find_input("T", columns, "over") == "T (K)"
    with pytest.raises(ConfigurationError, match=r"^over: the run's inputs are T \(K\), p \(Pa\), p \(bar\), not 'p'"):
        find_input("p", columns, "over")
