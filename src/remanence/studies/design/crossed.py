"""All combinations of what a search varies, or an even sample of them where there are too many."""

from collections.abc import Sequence
from math import prod

import numpy as np
import pandas as pd
from scipy.stats import qmc

from remanence.studies.design.axis import Axis

SAMPLES = 2**13
"""Number of sampled rows; a Sobol sequence is evenly spread for powers of two."""


def crossed(base: pd.DataFrame, axes: Sequence[Axis], *, most: int) -> tuple[pd.DataFrame, bool]:
    """Return every row of ``base`` with every combination of the values of the axes.

    Args:
        base: rows that are given already, at least one.
        axes: columns to add.
        most: largest number of rows; where there would be more, an even sample of ``SAMPLES`` rows or ``most`` is
            returned, if that is less.

    Returns:
        the rows, each once; and whether they are a sample.
    """
    wanted = len(base) * prod(len(axis.values) for axis in axes)
    if wanted <= most:
        places = np.indices((len(base), *(len(axis.values) for axis in axes))).reshape(len(axes) + 1, -1)
        rows = base.iloc[places[0]].reset_index(drop=True)
        added = {
            axis.name: pd.Series(axis.values).iloc[own].to_numpy() for axis, own in zip(axes, places[1:], strict=True)
        }
        return rows.assign(**added), False
    number = 2 ** int(np.log2(min(SAMPLES, most)))
    unit = qmc.Sobol(len(axes) + 1, seed=0).random(number)  # (samples, axes + 1), 0 to 1
    rows = base.iloc[np.minimum((unit[:, 0] * len(base)).astype(int), len(base) - 1)].reset_index(drop=True)
    rows = rows.assign(**{axis.name: axis.at(unit[:, place + 1]) for place, axis in enumerate(axes)})
    return rows.drop_duplicates(ignore_index=True), True
