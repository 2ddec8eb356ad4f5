import numpy as np
import pytest

from remanence.science.deviations import deviations


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("constant", [0.0, 0.1, -1 / 3])
def test_equal_values_do_not_deviate_and_others_do_in_every_unit(unit, constant):
    varied = np.random.default_rng(0).normal(size=7)
    values = unit * np.stack([np.full(7, constant), varied], axis=1)

    assert deviations(values)[0] == 0.0
    assert deviations(values)[1] == pytest.approx(unit * varied.std())
    assert deviations(values[:, 1]) == deviations(values)[1]
