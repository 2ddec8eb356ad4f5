import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from remanence.science.unmixing.active_units import active, choose_stage, kl_per_latent, natural_number

RANDOM = np.random.default_rng(0)


def test_the_divergence_is_that_of_torch():
    mean, log_variance = RANDOM.normal(size=(2, 50, 4))

    expected = kl_divergence(
        Normal(torch.as_tensor(mean), torch.as_tensor(log_variance).div(2).exp()), Normal(0.0, 1.0)
    ).mean(dim=0)

    np.testing.assert_allclose(kl_per_latent(mean, log_variance), expected)


def test_a_posterior_that_is_the_prior_costs_nothing_and_one_close_to_it_no_negative_amount():
    assert kl_per_latent(np.zeros((5, 2)), np.zeros((5, 2))).tolist() == [0, 0]
    assert (kl_per_latent(np.zeros((1, 3)), np.array([[1e-9, -1e-7, 1e-5]])) >= 0).all()


def test_a_latent_is_active_above_the_threshold():
    assert active([0.05, 0.051, 2.0]).tolist() == [False, True, True]
    assert active([0.05, 0.051, 2.0], threshold=1.0).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("counts", "number"),
    [
        ([16, 16, 16, 16, 9, 5, 5, 5, 3, 3, 1], 5),
        ([16, 12, 3, 3, 3, 0, 0, 0, 0, 0], 3),
        ([16, 5, 5, 4, 3, 3], 5),  # a tie goes to more units
        ([16, 5, 4, 5, 5, 4, 4, 4], 4),
        ([16, 16, 16], 16),
        ([16, 0, 0], 16),
        ([0, 0], 0),
        ([3], 3),
    ],
)
def test_the_natural_number_stays_longest(counts, number):
    assert natural_number(counts) == number


def test_a_run_that_starts_pruned_says_how_many_latents_it_has():
    assert natural_number([3, 3, 3, 3, 2, 2]) == 2
    assert natural_number([3, 3, 3, 3, 2, 2], latents=16) == 3


@pytest.mark.parametrize(
    ("wanted", "stage"),
    [(5, 3), (16, 0), (3, 5), (4, 3), (6, 1), (1, 6), (20, 0), (None, 3)],
)
def test_the_best_stage_has_the_wanted_number_or_the_next_larger_one(wanted, stage):
    counts = [16, 8, 5, 5, 5, 3, 2]
    errors = [0.01, 0.02, 0.04, 0.03, 0.05, 0.06, 0.08]

    assert choose_stage(counts, errors, wanted) == stage


def test_a_stage_that_diverged_is_not_chosen():
    assert choose_stage([16, 5, 5, 3], [0.01, np.nan, 0.05, 0.09], wanted=5) == 2
    assert choose_stage([16, 5, 3], [0.01, np.inf, 0.09], wanted=5) == 0


def test_a_schedule_without_stages_or_finite_errors_is_refused():
    with pytest.raises(ValueError, match="at least one stage"):
        natural_number([])
    with pytest.raises(ValueError, match="finite error for at least one of 2 stages"):
        choose_stage([5, 3], [np.nan, np.inf])
