from itertools import permutations

import numpy as np
import pytest

from remanence.science.coalitions import coalitions, shapley_of_coalitions


def over_all_orders(values, players):
    """The definition: the mean contribution over all orders of joining."""
    total = np.zeros((players, *np.shape(values)[1:]))
    orders = list(permutations(range(players)))
    for order in orders:
        coalition = 0
        for player in order:
            joined = coalition | 1 << player
            total[player] += values[joined] - values[coalition]
            coalition = joined
    return total / len(orders)


@pytest.mark.parametrize("players", [1, 2, 3, 5])
def test_the_values_are_the_mean_contributions_over_all_orders(players):
    values = np.random.default_rng(players).normal(size=(2**players, 4))

    shapley = shapley_of_coalitions(values)

    np.testing.assert_allclose(shapley, over_all_orders(values, players))
    np.testing.assert_allclose(shapley.sum(axis=0), values[-1] - values[0])


def test_every_coalition_is_listed_once_from_none_to_all():
    members = coalitions(4)

    assert len(np.unique(members, axis=0)) == 16
    assert not members[0].any()
    assert members[-1].all()


@pytest.mark.parametrize("number", [0, 1, 3, 6])
def test_a_number_of_coalitions_that_no_game_has_is_refused(number):
    with pytest.raises(ValueError, match=f"Expected `values` of 2, 4, 8, … coalitions, but got {number}"):
        shapley_of_coalitions(np.zeros(number))
