import numpy as np
import pytest

from remanence.errors import ConfigurationError
from remanence.studies.design.wish import Wish
from remanence.studies.suggest.goals import parse_goals, scores


def test_without_a_target_the_first_property_is_to_be_large():
    assert parse_goals(None, ["d33", "eps_r"]) == [Wish("d33", "max")]


def test_several_goals_are_separated_by_commas_outside_brackets():
    goals = parse_goals("d33>200, eps_r in [500,900]", ["d33", "eps_r"])

    assert goals == [Wish("d33", ">", 200.0), Wish("eps_r", "in", 500.0, 900.0)]


def test_each_goal_scores_its_own_property_and_higher_is_better():
    goals = parse_goals("eps_r=min,d33>200", ["d33", "eps_r"])
    values = np.array([[[250.0, 900.0], [150.0, 400.0]]])  # (draws, candidates, targets)

    assert scores(goals, values, ["d33", "eps_r"]).tolist() == [[[-900.0, 50.0], [-400.0, -50.0]]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("d33=max,d33>3", "target: d33 is named twice"),
        ("d31=max", "target: the run predicts d33, eps_r, not 'd31'"),
        ("d33", "target: expected such as"),
        ("d33=max,", "target: there is nothing before or after a comma"),
    ],
)
def test_a_goal_that_cannot_be_read_is_refused(text, message):
    with pytest.raises(ConfigurationError, match=message):
        parse_goals(text, ["d33", "eps_r"])
