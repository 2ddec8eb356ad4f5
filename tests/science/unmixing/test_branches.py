import numpy as np
import pytest

from remanence.science.band_excitation.switching import triangular_bias
from remanence.science.unmixing.branches import branches


def test_a_cycle_of_the_bias_falls_and_rises():
    number, direction = branches(triangular_bias(96))

    assert number.tolist() == [0] * 49 + [1] * 47
    assert direction.tolist() == [-1.0] * 49 + [1.0] * 47


@pytest.mark.parametrize(
    ("axis", "number", "direction"),
    [
        ([0, 1, 2], [0, 0, 0], [1, 1, 1]),
        ([5, 5, 4, 4, 6], [0, 0, 0, 0, 1], [-1, -1, -1, -1, 1]),
        ([0, 2, 1, 3], [0, 0, 1, 2], [1, 1, -1, 1]),
        ([7], [0], [1]),
        ([7, 7], [0, 0], [1, 1]),
    ],
)
def test_equal_values_continue_a_branch_and_each_turn_begins_one(axis, number, direction):
    found = branches(axis)

    assert [each.tolist() for each in found] == [number, direction]


def test_a_wave_has_as_many_branches_as_half_cycles():
    assert branches(np.cos(np.linspace(0, 6 * np.pi, 601)))[0].max() == 5
