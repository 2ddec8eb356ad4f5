"""How much of a property each group of inputs explains: latents against a scale's own features."""

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

    What a set of groups explains is the R² of the prediction with the other groups averaged out over the background
    rows; without any group nothing is explained. A group's share is its mean contribution to this R² over all orders
    of adding the groups, so that what correlated groups explain together is divided between them.

    Args:
        function: maps inputs (rows, features) to the property (rows,).
        x: inputs, shape (rows, features); best of rows that the model was not fitted to.
        y: measured property, shape (rows,).
        groups: name to columns of ``x``; each column in exactly one of at most 10 groups.
        background: rows to average over, such as the training rows, shape (rows, features).

    Returns:
        group to share, in the order given; they sum to the R² of the function. ``unexplained`` is 1 − R². A share is
        negative where a group makes predictions worse.

    Raises:
        ValueError: if a column is not in one group, there are more than 10 groups, the shapes do not fit, or ``y`` is
            constant.

    Source: Lipovetsky, Conklin, Analysis of regression in game theory approach, 2001, with R² of one fitted model in
    place of refitted regressions.
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
    r2[0] = 0.0  # the mean of the background misses the mean of y by chance; that is no group's merit
    shares = shapley_of_coalitions(r2)
    return dict(zip(groups, shares.tolist(), strict=True)) | {UNEXPLAINED: 1 - full}
