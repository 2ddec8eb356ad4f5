import pytest

from remanence.sweeps.time_left import TimeLeft, in_words


@pytest.fixture
def told(capsys):
    """Return what is printed when trials end: pairs of the second and the number of trials."""

    def tell(*ends, n_trials, **side_by_side):
        now, ended = [0.0], [0]
        left = TimeLeft("mine", lambda: n_trials - ended[0], clock=lambda: now[0], **side_by_side)
        for second, trials in ends:
            now[0], ended[0] = second, ended[0] + trials
            left(trials)
        return capsys.readouterr().out

    return tell


def test_the_pace_of_the_first_trials_side_by_side_tells_how_long_the_others_take(told):
    said = told((100, 1), (110, 2), (120, 1), (240, 4), at_once=4, n_trials=24)

    assert said == "sweep mine: 4 trials took 2 min; at this pace the other 20 take about 10 min\n"


def test_trials_that_train_as_one_network_tell_the_pace_when_all_of_them_have_ended(told):
    ends = [(120, 1), (121, 10), (122, 5), (240, 8)]

    assert told(*ends, at_once=2, n_trials=16, together=lambda: 16) == ""
    said = told(*ends, at_once=2, n_trials=48, together=lambda: 16)
    assert said == "sweep mine: 16 trials took 2 min; at this pace the other 32 take about 4 min\n"


@pytest.mark.parametrize(("ends", "n_trials"), [([(100, 1)], 1), ([(1, 1), (50, 1)], 24), ([(1, 0)], 24)])
def test_nothing_is_said_of_a_short_rest_or_before_a_trial_has_been_trained(told, ends, n_trials):
    assert told(*ends, at_once=1, n_trials=n_trials) == ""


def test_durations_have_the_unit_in_which_they_are_small():
    assert [in_words(seconds) for seconds in (59, 61, 5500)] == ["59 s", "1 min", "1.5 h"]
