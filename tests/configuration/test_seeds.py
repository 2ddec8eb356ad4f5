"""What the run's seed varies: simulated data are drawn with it, unless their own seed is given."""

import pytest

from remanence.configuration.compose import compose
from remanence.configuration.on_offer import on_offer
from remanence.studies.kinds import checked

SIMULATED = [("beps/toy", "seed"), ("piezo/single", "seed"), ("nested/synthetic", "draw")]


@pytest.mark.parametrize(("experiment", "key"), SIMULATED)
def test_the_runs_seed_draws_simulated_data_and_a_number_keeps_them(experiment, key):
    def drawn(*typed):
        return checked(compose([f"experiment={experiment}", *typed])).data[key]

    assert (drawn(), drawn("seed=4"), drawn("seed=4", f"data.{key}=0")) == (0, 4, 0)


def test_all_data_that_are_simulated_as_they_are_opened_are_among_them():
    """A scan that is simulated is a file, which ``data simulate`` writes with a seed of its own."""
    seeded = {name for name, described in on_offer("data").items() if {"seed", "draw"} & {*described.defaults}}

    assert seeded == {"toy", "nbbt", "multiscale", "_simulated_scan"}


@pytest.mark.parametrize("experiment", ["beps/pzt", "piezo/table", "nested/synthetic"])
def test_the_split_of_rows_does_not_follow_the_runs_seed(experiment):
    splits = [compose([f"experiment={experiment}", f"seed={seed}"]).data.split for seed in (0, 4)]

    assert splits[0] == splits[1]
