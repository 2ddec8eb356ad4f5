import numpy as np
import pytest

from remanence.science.nested.ion_grid import grid_size, ion_grid, neighbours
from remanence.science.nested.ions import IONS, SITE_IONS

PARTS = {"A": 4, "B": 2, "X": 3}
CHOSEN = ["Cs", "MA", "FA", "Sn", "Pb", "Br", "I"]


def columns(site):
    return [IONS.index(ion) for ion in SITE_IONS[site]]


def test_the_grid_is_every_mixture_of_at_most_two_ions_a_site():
    grid = ion_grid(CHOSEN, PARTS)

    # brute force: all multiples of the step on all chosen ions, of which at most two are there and sum to 1
    expected = []
    for site, ions in (("A", 3), ("B", 2), ("X", 2)):
        steps = np.stack(np.meshgrid(*[np.arange(PARTS[site] + 1)] * ions), axis=-1).reshape(-1, ions)
        expected.append(((steps.sum(axis=1) == PARTS[site]) & ((steps > 0).sum(axis=1) <= 2)).sum())
    assert len(grid) == np.prod(expected) == grid_size(CHOSEN, PARTS)
    assert len(np.unique(grid.round(9), axis=0)) == len(grid)
    for site, parts in PARTS.items():
        own = grid[:, columns(site)]
        np.testing.assert_allclose(own.sum(axis=1), 1)
        assert ((own > 0).sum(axis=1) <= 2).all()
        np.testing.assert_allclose(own * parts, np.round(own * parts), atol=1e-9)
    assert not grid[:, [IONS.index(ion) for ion in IONS if ion not in CHOSEN]].any()


@pytest.mark.parametrize(
    ("ions", "size"), [(["MA", "Pb", "I"], 1), (["MA", "FA", "Pb", "I"], 5), (list(IONS), 35 * 21 * 9)]
)
def test_the_size_is_known_before_the_grid_is_made(ions, size):
    assert grid_size(ions, PARTS) == len(ion_grid(ions, PARTS)) == size


def test_a_site_without_ions_has_no_grid():
    assert ion_grid(["MA", "Pb"], PARTS).shape == (0, 14)
    assert grid_size(["MA", "Pb"], PARTS) == 0


def test_neighbours_exchange_one_step_on_each_site():
    (start,) = ion_grid(["MA", "Pb", "I"], PARTS)

    around = neighbours(start, ["MA", "FA", "Cs", "Pb", "Br", "I"], PARTS)

    np.testing.assert_array_equal(around[0], start)
    assert len(np.unique(around.round(9), axis=0)) == len(around) == 3 * 1 * 2
    for site in PARTS:
        np.testing.assert_allclose(around[:, columns(site)].sum(axis=1), 1)
    assert set(around[:, IONS.index("MA")].round(9)) == {1.0, 0.75}
    assert set(around[:, IONS.index("I")].round(6)) == {1.0, 0.666667}


def test_an_ion_of_less_than_a_step_leaves_wholly():
    fractions = np.zeros(len(IONS))
    fractions[[IONS.index(ion) for ion in ("MA", "Cs", "Pb", "I")]] = [0.9, 0.1, 1, 1]

    around = neighbours(fractions, ["MA", "Cs", "Pb", "I"], PARTS)

    assert (around >= 0).all()
    assert sorted(around[:, IONS.index("Cs")].round(9)) == [0, 0.1, 0.35]
