"""Compositions on a grid of ion fractions."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations, product
from math import prod

import numpy as np
from numpy.typing import NDArray

from remanence.science.nested.ions import IONS, SITE_IONS, SITES

Values = NDArray[np.float64]


def ion_grid(ions: Sequence[str], parts: Mapping[str, int]) -> Values:
    """Return every composition with one ion on a site, or with two ions in steps of a fraction.

    Three ions on a site would make the grid an order of magnitude larger. ``neighbours`` gives such compositions.

    Args:
        ions: symbols of ``IONS`` to choose from, at least one for each site.
        parts: site to the number of steps from 0 to 1; 4 gives mixtures with 0.25, 0.5 and 0.75.

    Returns:
        fractions of the ions on their sites, shape (``grid_size(ions, parts)``, ions), columns as in ``IONS``.

    >>> ion_grid(["Cs", "Pb", "Br", "I"], {"A": 4, "B": 4, "X": 3})[:, -2:].round(2).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.33, 0.67], [0.67, 0.33]]
    """
    sites = [_mixtures(_own(ions, site), parts[site]) for site in SITES]
    return np.array([np.sum(mixtures, axis=0) for mixtures in product(*sites)]).reshape(-1, len(IONS))


def grid_size(ions: Sequence[str], parts: Mapping[str, int]) -> int:
    """Return the number of compositions of a grid without computing the grid.

    >>> grid_size(["Cs", "MA", "Pb", "I"], {"A": 4, "B": 4, "X": 4})
    5
    """
    numbers = {site: len(_own(ions, site)) for site in SITES}
    return prod(n + n * (n - 1) // 2 * (parts[site] - 1) for site, n in numbers.items())


def neighbours(fractions: Values, ions: Sequence[str], parts: Mapping[str, int]) -> Values:
    """Return a composition and its neighbours, which exchange one step of an ion for another on one or several sites.

    Args:
        fractions: fractions of the ions of one composition, shape (ions,).
        ions: symbols of the ions that may take part in an exchange.
        parts: site to the number of steps from 0 to 1. With twice the parts of a grid, the neighbours of a grid point
            are half a step beside it, with up to three ions on a site.

    Returns:
        fractions, shape (compositions, ions); the first row is the composition itself.
    """
    moves = []
    for site in SITES:
        of_site = [np.zeros(len(IONS))]
        for leaving, coming in permutations([IONS.index(ion) for ion in _own(ions, site)], 2):
            step = min(1 / parts[site], float(fractions[leaving]))
            if step > 0:
                of_site.append(_fraction(coming, step) - _fraction(leaving, step))
        moves.append(of_site)
    around: Values = fractions + np.array([np.sum(move, axis=0) for move in product(*moves)])
    return around


def _mixtures(ions: list[str], parts: int) -> list[Values]:
    """Return the mixtures of the ions of one site: first each ion alone, then all pairs."""
    columns = [IONS.index(ion) for ion in ions]
    alone = [_fraction(column, 1.0) for column in columns]
    pairs = [
        _fraction(first, step / parts) + _fraction(second, 1 - step / parts)
        for first, second in combinations(columns, 2)
        for step in range(1, parts)
    ]
    return [*alone, *pairs]


def _fraction(column: int, value: float) -> Values:
    fractions: Values = np.zeros(len(IONS))
    fractions[column] = value
    return fractions


def _own(ions: Sequence[str], site: str) -> list[str]:
    return [ion for ion in SITE_IONS[site] if ion in ions]
