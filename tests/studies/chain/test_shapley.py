import numpy as np
import pytest
import torch
from captum.attr import ShapleyValueSampling

from remanence.studies.chain.shapley import shapley_values

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=30)


def linear(x):
    return x @ WEIGHTS[: x.shape[1]] + 3.0


def interacting(x):
    return x[:, 0] * x[:, 1] + np.tanh(x).sum(axis=1)


def rows(number, features):
    return RANDOM.normal(size=(number, features))


@pytest.mark.parametrize("features", [1, 4, 10, 11, 30])
def test_a_linear_function_has_its_closed_form(features):
    x, background = rows(6, features), rows(13, features)

    values = shapley_values(linear, x, background, samples=26)  # every background row is drawn twice

    np.testing.assert_allclose(values, (x - background.mean(axis=0)) * WEIGHTS[:features], atol=1e-5)


@pytest.mark.parametrize("features", [3, 10, 12])
@pytest.mark.parametrize("samples", [1, 7])
def test_the_values_of_a_row_sum_to_its_prediction_less_the_mean_of_the_background(features, samples):
    x, background = rows(9, features), rows(20, features)

    values = shapley_values(interacting, x, background, samples=samples)

    np.testing.assert_allclose(values.sum(axis=1), interacting(x) - interacting(background).mean(), atol=1e-9)


def test_a_product_is_divided_evenly_and_a_feature_that_does_nothing_gets_nothing():
    x = np.array([[2.0, 3.0, 100.0]])

    values = shapley_values(lambda given: given[:, 0] * given[:, 1], x, np.zeros((4, 3)))

    np.testing.assert_allclose(values, [[3.0, 3.0, 0.0]])


def test_a_group_joins_as_one():
    x, background = rows(5, 4), rows(8, 4)
    groups = {"latents": [2, 0], "own": [1, 3]}

    values = shapley_values(interacting, x, background, groups=groups)

    def only(columns):  # the mean prediction when these columns are known
        known = np.isin(np.arange(4), columns)
        return interacting(np.where(known, x[:, None], background).reshape(-1, 4)).reshape(5, 8).mean(axis=1)

    latents = (only([0, 2]) - only([]) + only([0, 1, 2, 3]) - only([1, 3])) / 2
    np.testing.assert_allclose(values[:, 0], latents)


def test_groups_of_many_are_drawn_alike():
    x, background = rows(4, 24), rows(10, 24)
    groups = {f"pair {number}": [23 - number, number] for number in range(12)}

    values = shapley_values(linear, x, background, groups=groups, samples=10)

    alone = (x - background.mean(axis=0)) * WEIGHTS[:24]
    np.testing.assert_allclose(values, alone[:, :12] + alone[:, :11:-1], atol=1e-5)


def test_drawn_orders_approach_the_values_of_all_coalitions():
    x, background = rows(10, 11), rows(40, 11)
    x[:, 10] = background[:, 10] = 0.0  # with a feature that does nothing there are too many to play all

    drawn = shapley_values(interacting, x, background, samples=800)

    exact = shapley_values(interacting, x[:, :10], background[:, :10])
    np.testing.assert_allclose(drawn[:, :10], exact, atol=0.15)
    np.testing.assert_allclose(drawn[:, 10], 0, atol=1e-6)


def test_a_seed_draws_the_same_and_leaves_the_random_state_alone():
    x, background = rows(3, 12), rows(5, 12)
    state = torch.get_rng_state()

    first, again, other = (shapley_values(interacting, x, background, samples=4, seed=seed) for seed in (1, 1, 2))

    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_model_is_asked_once_for_each_column_of_a_drawn_order_in_large_batches():
    asked = []

    def counted(x):
        asked.append(len(x))
        return interacting(x)

    shapley_values(counted, rows(358, 30), rows(100, 30), samples=100)

    assert sum(asked) <= 358 * 31 * 100 + 358 + 100
    assert len(asked) <= 2 * 100 + 2  # in few large batches


@pytest.mark.parametrize("values", [2**24, 1, 7 * 6 * 13 * 2])  # all orders at a time, one, two
def test_drawn_orders_are_those_of_captum(values, monkeypatch):
    monkeypatch.setattr("remanence.studies.chain.shapley.MOST_VALUES", values)
    x, background = rows(7, 12), rows(3, 12).round()
    mask = torch.as_tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0])
    groups = {str(player): np.flatnonzero(mask == player).tolist() for player in range(11)}

    drawn = shapley_values(interacting, x, background, groups=groups, samples=5, seed=3)

    method = ShapleyValueSampling(lambda given: torch.as_tensor(interacting(given.numpy())))
    order = np.random.default_rng(3).permutation(3)
    expected = np.zeros((7, 12))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        for sample in range(5):
            unknown = torch.as_tensor(background[order[sample % 3]]).expand(7, 12)
            found = method.attribute(torch.as_tensor(x), unknown, feature_mask=mask[None], n_samples=1)
            expected += found.numpy() / 5
    missing = interacting(x) - interacting(background).mean() - expected[:, :11].sum(axis=1)
    np.testing.assert_allclose(drawn, expected[:, :11] + missing[:, None] / 11, atol=1e-5)


@pytest.mark.parametrize("features", [4, 12])
def test_equal_rows_are_predicted_once(features):
    x, background = rows(20, features).round(), rows(5, features).round()
    x[:, 1] = background[:, 1] = 2.0
    asked = []

    def noted(given):
        asked.append(given)
        return interacting(given)

    shapley_values(noted, x, background, samples=6)

    mixed = np.concatenate([given for given in asked if given.shape not in (x.shape, background.shape)])
    assert len(mixed) < 0.7 * 20 * (5 * 2**4 if features == 4 else 6 * 13)
    if features == 12:  # all six orders were asked at once
        assert len(np.unique(mixed, axis=0)) == len(mixed)


@pytest.mark.parametrize(
    ("background", "groups", "message"),
    [
        (np.zeros((2, 2)), None, "Expected `x` and `background` of shape"),
        (np.zeros((0, 3)), None, "Expected `x` and `background` of shape"),
        (np.zeros((2, 3)), {"a": [0, 1]}, "Expected `groups` to hold each of 3 columns once"),
        (np.zeros((2, 3)), {"a": [0, 1], "b": [1, 2]}, "Expected `groups` to hold each of 3 columns once"),
        (np.zeros((2, 3)), {"a": [0, 1, 2], "b": []}, "Expected `groups` without empty ones"),
    ],
)
def test_shapes_and_groups_that_do_not_fit_are_refused(background, groups, message):
    with pytest.raises(ValueError, match=message):
        shapley_values(linear, np.zeros((4, 3)), background, groups=groups)
