import numpy as np
import pytest

from remanence.science.spacing import Spacing


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_what_is_alike_does_not_depend_on_units(unit):
    measured, points = (
        np.array([[0.0, 5.0], [10.0, 5.0], [20.0, 5.0]]),
        np.array([[4.0, 5.0], [14.0, 5.0], [16.0, 5.0]]),
    )

    spacing = Spacing.of(points * [unit, 1 / unit], measured * [unit, 1 / unit])

    assert spacing.repeated.tolist() == [True, True, True]
    assert (spacing.distances(1) < spacing.least).tolist() == [False, True, True]


def test_a_single_measured_row_has_no_spacing():
    assert not Spacing.of(np.array([[1.0]]), np.array([[1.0]])).repeated.any()
