import numpy as np
import pytest
from sklearn.metrics import r2_score

from remanence.studies.chain.explained import explained_shares

# every combination of three levels: the columns are exactly independent, with variance 2/3 each
GRID = np.stack(np.meshgrid(*[np.array([-1.0, 0.0, 1.0])] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
GROUPS = {"latents": [0, 2], "own": [1]}


def additive(x):
    return 2 * x[:, 0] + 3 * x[:, 1] + x[:, 2]


def test_independent_additive_groups_explain_their_part_of_the_variance():
    shares = explained_shares(additive, GRID, additive(GRID), GROUPS, background=GRID)

    assert shares == pytest.approx({"latents": 5 / 14, "own": 9 / 14, "unexplained": 0})
    assert list(shares) == ["latents", "own", "unexplained"]


def test_what_no_group_explains_is_one_less_r2():
    noise = np.random.default_rng(0).normal(size=len(GRID))
    y = additive(GRID) + noise

    shares = explained_shares(additive, GRID, y, GROUPS, background=GRID[::2])

    assert 1 - shares["unexplained"] == pytest.approx(r2_score(y, additive(GRID)))
    assert shares["latents"] + shares["own"] == pytest.approx(r2_score(y, additive(GRID)))


def test_one_group_explains_all_that_is_explained():
    y = additive(GRID) + GRID[:, 0] * GRID[:, 1]

    shares = explained_shares(additive, GRID, y, {"own": [0, 1, 2]}, background=GRID)

    assert shares == pytest.approx({"own": r2_score(y, additive(GRID)), "unexplained": 1 - r2_score(y, additive(GRID))})


def test_a_group_that_the_function_ignores_explains_nothing():
    y = GRID[:, 1] ** 2

    shares = explained_shares(lambda x: x[:, 1] ** 2, GRID, y, GROUPS, background=GRID)

    assert shares == pytest.approx({"latents": 0, "own": 1, "unexplained": 0})


def test_an_interaction_is_divided_evenly():
    def product(x):
        return x[:, 0] * x[:, 1]

    shares = explained_shares(product, GRID, product(GRID), {"a": [0], "b": [1], "c": [2]}, background=GRID)

    assert shares == pytest.approx({"a": 0.5, "b": 0.5, "c": 0, "unexplained": 0})


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        (np.ones(27), GROUPS, "Expected `y` to vary"),
        (np.ones(26), GROUPS, "Expected `y` of shape"),
        (np.arange(27.0), {"own": [0, 1]}, "Expected `groups` to hold each of 3 columns once"),
        (np.arange(27.0), {"unexplained": [0, 1, 2]}, "none called unexplained"),
        (np.arange(27.0), {}, "Expected 1 to 10 `groups`"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(y, groups, message):
    with pytest.raises(ValueError, match=message):
        explained_shares(additive, GRID, y, groups, background=GRID)
