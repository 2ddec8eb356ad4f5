import numpy as np
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.studies.design.asked_inputs import parse_given, parse_over

COLUMNS = Columns(["x", "T_sint (°C)", "Process", "batch"], ["d33"], {"Process": ["NS", "QS"], "batch": ["007", "8"]})


def test_ranges_steps_and_lists_are_read():
    x, t, process = parse_over("x=0:0.25, T_sint = 1100:1180:20,Process=[QS, NS]", COLUMNS)

    assert (x.name, x.ends, len(x.values)) == ("x", (0, 0.25), 51)
    assert x.values[:3] == [0, 0.005, 0.01]
    assert (t.name, t.ends, t.values) == ("T_sint (°C)", None, [1100, 1120, 1140, 1160, 1180])
    assert (process.name, process.values) == ("Process", ["QS", "NS"])


def test_a_list_of_numbers_and_a_step_that_does_not_divide_the_range_are_taken_as_they_are():
    x, t = parse_over("x=0:0.25:0.1,T_sint=[1100,1.15e3,1100]", COLUMNS)

    assert x.values == [0, 0.1, 0.2]
    assert t.values == [1100, 1150]


@pytest.mark.parametrize(
    ("ends", "values", "number"),
    [
        ("0:0.4", [0, 0.01], 41),
        ("1100:1180", [1100, 1102], 41),
        ("0:1", [0, 0.02], 51),
        ("0:0.26", [0, 0.01], 27),
        ("0.013:0.02", [0.013, 0.0132], 36),
        ("-3:3.1", [-3, -2.8], 32),  # and the end
        ("0:1e-12", [0, 2e-14], 51),
        ("1e-6:2e-6", [1e-6, 1.02e-6], 51),
    ],
)
def test_a_range_without_a_step_has_round_ones(ends, values, number):
    (x,) = parse_over(f"x={ends}", COLUMNS)

    assert x.values[:2] == values
    assert len(x.values) == number
    assert x.values[-1] == pytest.approx(float(ends.split(":")[1]), rel=1e-12)


def test_steps_have_no_last_digits_of_sums():
    (x,) = parse_over("x=0:0.3:0.1", COLUMNS)

    assert x.values == [0, 0.1, 0.2, 0.3]


def test_a_sample_takes_any_value_of_a_range_and_those_of_a_list():
    x, process = parse_over("x=-1:+1,Process=[NS,QS]", COLUMNS)

    assert x.at(np.array([0.123456])) == -0.75
    np.testing.assert_allclose(x.at(np.array([0, 0.25, 1])), [-1, -0.5, 1])
    assert process.at(np.array([0, 0.4, 0.6, 1])).tolist() == ["NS", "NS", "QS", "QS"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "over: expected such as 'x=0:0.25', got 'x'"),
        ("x=0", "over: expected such as 'x=0:0.25'"),
        ("x=0:1:2", "over: x=0:1:2: the step must be above 0, at most the range"),
        ("x=0:1:1e-9", "over: x=0:1:1e-9: the step must"),
        ("x=0:1:-1", "over: x=0:1:-1: the step must"),
        ("x=0:1:2:3", "over: expected such as"),
        ("x=a:b", "over: expected such as"),
        ("x=0:nan", "over: expected such as"),
        ("x=0:1,", "over: there is nothing before or after a comma in 'x=0:1,'"),
        ("x=[0,1", "over: a ']' is missing in 'x=[0,1'"),
        ("y=0:1", "over: the run's inputs are x, T_sint (°C), Process, batch, not 'y'"),
        (
            "process=[NS]",
            "over: the run's inputs are x, T_sint (°C), Process, batch, not 'process'; did you",
        ),
        ("x=1:0", "over: x=1:0 is empty; the first number must be the smaller"),
        ("x=1:1", "over: x=1:1 is empty"),
        ("x=0:1,x=2:3", "over: x is named twice"),
        ("Process=NS:QS", "over: Process is a category; expected such as 'Process=[NS,QS]', got 'Process=NS:QS'"),
        ("Process=[NS,SPS]", "over: Process is one of NS, QS, not 'SPS'"),
        ("x=[0,a]", "over: x is a number, not 'a'"),
    ],
)
def test_what_cannot_be_searched_says_why(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_over(text, COLUMNS)

    assert str(caught.value).startswith(message)


def test_what_is_given_is_a_number_or_a_known_category():
    given = parse_given("Process=NS,T_sint=1150,batch=7", COLUMNS)

    assert given == {"Process": "NS", "T_sint (°C)": 1150, "batch": "007"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Process", "given: expected such as 'x=0.1', got 'Process'"),
        ("Process=[NS,QS]", "given: Process=[NS,QS]: fixes one value; over='Process=[NS,QS]' tries several"),
        ("x=0:1", "given: x=0:1: fixes one value; over='x=0:1' tries several"),
        ("Process=SPS", "given: Process is one of NS, QS, not 'SPS'"),
        ("x=1,x=2", "given: x is named twice"),
        ("x=inf", "given: x is a number, not 'inf'"),
    ],
)
def test_what_cannot_be_given_says_why(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_given(text, COLUMNS)

    assert str(caught.value) == message
