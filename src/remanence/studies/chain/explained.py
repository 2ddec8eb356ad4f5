"""The share of a property's variance that each group of inputs explains, such as latents or own features."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.science.coalitions import shapley_of_coalitions
from remanence.studies.chain.shapley import MOST_EXACT, Function, coalition_predictions, group_of_column

Values = NDArray[np.float64]

UNEXPLAINED = "unexplained"


def explained_shares(
    function: Function, x: Values, y: Values, groups: Mapping[str, Sequence[int]], *, background: Values
) -> dict[str, float]:
    """Return the share of the variance of a property that each group of inputs explains.

    A set of groups explains the R² of the prediction in which all other groups are averaged over the background rows.
    The empty set explains 0. The share of a group is its mean contribution to this R² over all orders of adding the
    groups, so that correlated groups divide between them what they explain together.

    Args:
        function: function that maps inputs (rows, features) to the property (rows,).
        x: inputs, shape (rows, features), preferably of rows that the model was not fitted to.
        y: measured property, shape (rows,).
        groups: columns of ``x`` in each group, by its name; each column in exactly one of at most 10 groups.
        background: rows to average over, such as the training rows, shape (rows, features).

    Returns:
        the share of each group, in the order of ``groups``, and ``unexplained``, which is 1 − R². The shares of the
        groups sum to the R² of the function. A share is negative if the group makes predictions worse.

    Raises:
        ValueError: if a column is not in exactly one group, there are more than 10 groups, the shapes do not match, or
            ``y`` is constant.

    Source: Lipovetsky, Conklin, Analysis of regression in game theory approach, 2001; here R² is that of one fitted
    model, not of regressions refitted for each set of groups.
    """
    if y.shape != (len(x),) or background.ndim != 2 or not background.size:
        raise ValueError(
            f"Expected `y` of shape ({len(x)},) and `background` rows, but got {y.shape} and {background.shape}."
        )
    if not 1 <= len(groups) <= MOST_EXACT or UNEXPLAINED in groups:
        raise ValueError(f"Expected 1 to {MOST_EXACT} `groups`, none called {UNEXPLAINED}, but got {list(groups)}.")
    variance = float(y.var())
    if not variance > 0:
        raise ValueError("Expected `y` to vary, but it is constant or not finite.")
    predictions = coalition_predictions(function, x, background, group_of_column(groups, x.shape[1]))
    r2 = 1 - ((predictions - y) ** 2).mean(axis=1) / variance  # (coalitions,)
    full = float(r2[-1])
    r2[0] = 0.0  # the background's mean misses the mean of y by chance; no group explains that
    shares = shapley_of_coalitions(r2)
    return dict(zip(groups, shares.tolist(), strict=True)) | {UNEXPLAINED: 1 - full}
