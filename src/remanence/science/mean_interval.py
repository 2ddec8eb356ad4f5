"""The mean of a few values and the interval that holds it, as of one metric over several seeds."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Return mean, standard deviation (n - 1) and half the width of the interval of the mean.

    The interval is Student's, which takes the values as normal. A single value has neither deviation nor interval, NaN.

    Args:
        values: finite values, at least one.
        level: probability with which the interval holds the mean of many more values.

    >>> [round(number, 3) for number in mean_interval([1.0, 2.0, 3.0])]
    [2.0, 1.0, 2.484]
    """
    found = np.asarray(values, dtype=np.float64)
    if found.size < 2:
        return float(found.mean()), math.nan, math.nan
    sd = float(found.std(ddof=1))
    return float(found.mean()), sd, float(stats.t.ppf((1 + level) / 2, found.size - 1)) * sd / math.sqrt(found.size)
