import numpy as np
import pytest
import torch

from remanence.errors import ConfigurationError
from remanence.studies.design.wish import Wish, parse_constraints, parse_wish

KNOWN = ["gap", "binding_energy", "tan d (%)"]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("binding_energy<8", Wish("binding_energy", "<", 8)),
        ("gap >= 1.5e0", Wish("gap", ">", 1.5)),
        ("gap=max", Wish("gap", "max")),
        ("gap = min", Wish("gap", "min")),
        ("gap=1.34", Wish("gap", "=", 1.34)),
        ("gap = -1", Wish("gap", "=", -1)),
        ("gap in [1.2,1.8]", Wish("gap", "in", 1.2, 1.8)),
        ("tan d (%)  in  [ -1 , +2 ]", Wish("tan d (%)", "in", -1, 2)),
        ("gap in[1.2, 1.8]", Wish("gap", "in", 1.2, 1.8)),
    ],
)
def test_a_wish_is_read(text, wish):
    assert parse_wish(text, KNOWN) == wish


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gap", "target: expected such as 'd33>200', 'd33=max', 'gap=1.34' or 'gap in [1.2,1.8]', got 'gap'"),
        ("", "target: expected such as"),
        ("gap>", "target: expected such as"),
        ("gap>1e", "target: expected such as"),
        ("gap=high", "target: expected such as"),
        ("gap in 1.2,1.8", "target: expected such as"),
        ("gap in [1.2]", "target: expected such as"),
        ("gap in [1.2,a]", "target: expected such as"),
        ("gaps<2", "target: the run predicts gap, binding_energy, tan d (%), not 'gaps'"),
        ("gap in [1.8,1.2]", "target: [1.8,1.2] is empty; the first number must be the smaller"),
    ],
)
def test_an_unreadable_wish_says_what_is_expected(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_wish(text, KNOWN)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("joint", [" and ", ",", ", ", ";", " ; "])
def test_constraints_are_joined_outside_brackets(joint):
    read = parse_constraints(joint.join(["gap in [1.2,1.8]", "binding_energy<15", "gap in [1, 2]"]), KNOWN)

    assert read == [Wish("gap", "in", 1.2, 1.8), Wish("binding_energy", "<", 15), Wish("gap", "in", 1, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gap=max", "constraints: expected such as 'd33>200' or 'gap in [1.2,1.8]', got 'gap=max'"),
        ("gap=1.34", "constraints: expected such as"),
        ("gap>1,", "constraints: expected such as 'd33>200' or 'gap in [1.2,1.8]', got ''"),
        ("gap>1 or gap<2", "constraints: expected such as 'd33>200' or 'gap in [1.2,1.8]', got 'gap>1 or gap<2'"),
        ("gap<<2", "constraints: expected such as 'd33>200' or 'gap in [1.2,1.8]', got 'gap<<2'"),
        ("gap>1 and pce<2", "constraints: the run predicts gap, binding_energy, tan d (%), not 'pce'"),
    ],
)
def test_an_unreadable_constraint_says_what_is_expected(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_constraints(text, KNOWN)
    assert str(caught.value).startswith(message)


VALUES = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("gap>2", [-1, 0, 1]),
        ("gap<2", [1, 0, -1]),
        ("gap=max", [1, 2, 3]),
        ("gap=min", [-1, -2, -3]),
        ("gap=2.5", [-1.5, -0.5, -0.5]),
        ("gap in [1,2]", [0, 0, -1]),
        ("gap in [1,3]", [0, 1, 0]),
    ],
)
def test_the_score_is_higher_on_the_wanted_side_for_arrays_and_tensors(text, score):
    wish = parse_wish(text, KNOWN)

    assert wish.score(VALUES).tolist() == score
    assert wish.score(torch.as_tensor(VALUES)).tolist() == score


@pytest.mark.parametrize(
    ("text", "of_values", "of_intervals"),
    [
        ("gap>2", [False, False, True], [False, False, False]),
        ("gap<2.5", [True, True, False], [True, False, False]),
        ("gap in [1,3]", [True, True, True], [False, True, False]),
        ("gap=max", [True, True, True], [True, True, True]),
        ("gap=2", [True, True, True], [True, True, True]),
    ],
)
def test_a_condition_holds_for_a_value_or_for_a_whole_interval(text, of_values, of_intervals):
    wish = parse_wish(text, KNOWN)

    assert wish.holds(VALUES, VALUES).tolist() == of_values
    assert wish.holds(VALUES - 1, VALUES + 1).tolist() == of_intervals


def test_an_unknown_interval_holds_no_condition():
    assert not parse_wish("gap in [1,3]", KNOWN).holds(np.array([np.nan]), np.array([np.nan])).any()


def test_a_unit_may_be_left_out_where_one_property_is_meant():
    assert parse_wish("d33>200", ["d33 (pC/N)", "eps_r"]).target == "d33 (pC/N)"
    with pytest.raises(ConfigurationError, match=r"^target: the run predicts T \(K\), T \(°C\), not 'T'"):
        parse_wish("T>200", ["T (K)", "T (°C)"])
