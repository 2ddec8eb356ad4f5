from remanence.training.fit_clock import FitClock
from remanence.training.stamp import KEY, fitted_before, stamped_by


def test_checkpoints_know_the_run_and_the_time_of_all_parts():
    clock = FitClock("abc", before=7.0)

    stamp = stamped_by(clock)()[KEY]

    assert stamp["run"] == "abc"
    assert 7.0 <= stamp["seconds"] < 67.0
    assert fitted_before(clock) == 7.0


def test_nothing_is_logged():
    clock = FitClock("abc")
    clock.log_metrics({"val/mse": 1.0}, 0)
    clock.log_hyperparams({"lr": 1.0})

    assert (clock.name, clock.version) == ("clock", "abc")
