import math

import numpy as np
import pytest
from scipy import stats

from remanence.science.mean_interval import mean_interval


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_interval_is_that_of_students_t(level):
    values = np.random.default_rng(0).normal(3.0, 2.0, size=7)

    mean, sd, half = mean_interval(values, level)

    assert (mean, sd) == pytest.approx((values.mean(), values.std(ddof=1)))
    expected = stats.t.interval(level, 6, loc=values.mean(), scale=stats.sem(values))
    assert (mean - half, mean + half) == pytest.approx(expected)


def test_a_single_value_has_no_interval():
    mean, sd, half = mean_interval([4.0])

    assert (mean, math.isnan(sd), math.isnan(half)) == (4.0, True, True)
