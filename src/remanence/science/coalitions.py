"""Shapley values from the payoffs of all coalitions."""

from collections.abc import Sequence
from math import factorial

import numpy as np
from numpy.typing import NDArray


def coalitions(players: int) -> NDArray[np.bool_]:
    """Return which players are in each coalition, shape (2**players, players); coalition c has the bits of c.

    >>> coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)


def shapley_of_coalitions(values: NDArray[np.float64] | Sequence[float]) -> NDArray[np.float64]:
    """Return the Shapley value of each player: its mean contribution over all orders in which players join.

    Args:
        values: payoff of each coalition, in the order of ``coalitions``, shape (2**players, ...).

    Returns:
        Shapley values, shape (players, ...). Their sum is the payoff of all players minus the payoff of none.

    Raises:
        ValueError: if the number of coalitions is not a power of two.

    Source: Shapley, A Value for n-Person Games, 1953.

    >>> shapley_of_coalitions([0.0, 1.0, 3.0, 6.0]).tolist()
    [2.0, 4.0]
    """
    earned = np.asarray(values, dtype=np.float64)
    players = len(earned).bit_length() - 1
    if players < 1 or len(earned) != 2**players:
        raise ValueError(f"Expected `values` of 2, 4, 8, … coalitions, but got {len(earned)}.")
    members = coalitions(players)
    size = members.sum(axis=1)
    weight = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    contributions = [
        # the coalitions without the player are in the same order as the coalitions with the player
        np.tensordot(weight[size[~member]], earned[member] - earned[~member], axes=1)
        for member in members.T
    ]
    return np.stack(contributions)
