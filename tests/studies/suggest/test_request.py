import pytest

from remanence.errors import ConfigurationError
from remanence.studies.suggest.request import acquisition, read_number


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "many", "", "²"])
def test_a_number_of_experiments_is_whole_and_above_0(text):
    with pytest.raises(ConfigurationError, match="suggest: n must be a whole number of at least 1, got"):
        read_number({"n": text}, "n", 5)


def test_a_number_that_is_not_given_is_the_usual_one():
    assert read_number({}, "n", 5) == 5


def test_the_upper_bound_is_the_usual_acquisition_and_the_only_one_of_several_goals():
    assert acquisition({}) == "upper_bound"
    assert acquisition({"acquisition": "expected_improvement"}) == "expected_improvement"
    with pytest.raises(ConfigurationError, match="several goals take acquisition=upper_bound"):
        acquisition({"acquisition": "expected_improvement"}, goals=2)
    with pytest.raises(ConfigurationError, match="expected upper_bound or expected_improvement, got 'ucb'"):
        acquisition({"acquisition": "ucb"})
