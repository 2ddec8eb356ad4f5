import pytest

from remanence.sweeps.time_left import TimeLeft, in_words


@pytest.fixture
def told(capsys):
    """Return what is printed when trials end: pairs of the second and the number of trials."""

    def tell(*ends, at_once, n_trials):
        now, ended = [0.0], [0]
        left = TimeLeft("mine", lambda: n_trials - ended[0], at_once=at_once, clock=lambda: now[0])
        for second, trials in ends:
            now[0], ended[0] = second, ended[0] + trials
            left(trials)
        return capsys.readouterr().out

    return tell


def test_the_pace_of_the_first_trials_side_by_side_tells_how_long_the_others_take(told):
    said = told((100, 1), (110, 2), (120, 1), (240, 4), at_once=4, n_trials=24)

    assert said == "sweep mine: 4 trials took 2 min; at this pace the other 20 take about 10 min\n"


@pytest.mark.parametrize(("ends", "n_trials"), [([(100, 1)], 1), ([(1, 1), (50, 1)], 24), ([(1, 0)], 24)])
def test_nothing_is_said_of_a_short_rest_or_before_a_trial_has_been_trained(told, ends, n_trials):
    assert told(*ends, at_once=1, n_trials=n_trials) == ""


def test_durations_have_the_unit_in_which_they_are_small():
    assert [in_words(seconds) for seconds in (59, 61, 5500)] == ["59 s", "1 min", "1.5 h"]
