import time

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_regression
from sklearn.metrics import mutual_info_score

from remanence.science.unmixing import disentanglement
from remanence.science.unmixing.disentanglement import agreement, concentration, mutual_information, rotated_factors

RANDOM = np.random.default_rng(0)
COLOURS = RANDOM.uniform(size=(1000, 3))
ROTATION = np.linalg.qr(np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0], [1.0, 1.0, -2.0]]).T)[0]


def scores(embedding, factors=COLOURS, names="RGB", **arguments):
    return agreement(embedding, factors, names=names, **arguments).scores


def test_one_channel_per_factor_scores_one_in_everything():
    found = scores(np.stack([-2 * COLOURS[:, 2], np.log(COLOURS[:, 0] + 0.5), np.exp(COLOURS[:, 1])], axis=1))

    for name in ("mig", "disentanglement", "completeness", "informativeness", "knn_r2/R", "knn_r2/G", "knn_r2/B"):
        assert found[name] == pytest.approx(1, abs=0.03)


def test_rotated_factors_are_held_whole_but_not_disentangled():
    found = scores(COLOURS @ ROTATION)

    assert min(found[f"{kind}_r2/{colour}"] for kind in ("knn", "linear") for colour in "RGB") > 0.97
    assert found["informativeness"] > 0.95
    assert found["mig"] < 0.3
    assert max(found["disentanglement"], found["completeness"]) < 0.6


def test_a_factor_split_over_two_channels_is_disentangled_but_not_complete():
    low, high = np.minimum(COLOURS[:, :1], 0.5), np.maximum(COLOURS[:, :1], 0.5)

    found = scores(np.hstack([low, high, COLOURS[:, 1:]]))

    assert found["disentanglement"] > 0.97
    assert found["completeness"] < 0.9


def test_noise_tells_nothing():
    found = scores(RANDOM.normal(size=(1000, 3)))

    assert max(found[f"{kind}_r2/{colour}"] for kind in ("knn", "linear") for colour in "RGB") < 0.05
    assert max(abs(found[name]) for name in ("mig", "disentanglement", "completeness", "informativeness")) < 0.2


def test_a_missing_factor_shows_in_its_own_scores_only():
    found = scores(COLOURS[:, :2])

    assert min(found["knn_r2/R"], found["knn_r2/G"], found["mig/R"], found["mig/G"]) > 0.95
    assert max(found["knn_r2/B"], found["mig/B"], found["correlation/B"]) < 0.1


def test_matrices_have_one_row_per_channel_and_one_column_per_factor():
    embedding = np.hstack([COLOURS[:, [1]], np.full((1000, 1), 7.0), -COLOURS[:, [0]]])

    result = agreement(embedding, COLOURS, names="RGB")

    expected = np.corrcoef(embedding[:, [0, 2]].T, COLOURS.T)[:2, 2:]
    np.testing.assert_allclose(result.correlation[[0, 2]], expected, atol=1e-12)
    assert (result.correlation[1] == 0).all()
    assert result.importance.shape == result.mutual_information.shape == (3, 3)
    np.testing.assert_allclose(result.importance.sum(axis=0), 1)
    np.testing.assert_allclose(result.mutual_information[1], 0, atol=1e-12)


def test_independent_columns_share_no_information_and_equal_ones_all_of_it():
    one, two = RANDOM.uniform(size=(2, 2000, 1))

    assert mutual_information(one, two)[0, 0] < 0.01
    assert mutual_information(one, np.exp(one))[0, 0] == pytest.approx(1, abs=0.01)


def test_information_is_near_that_of_another_estimator():
    x = RANDOM.normal(size=(3000, 1))
    y = x + RANDOM.normal(size=(3000, 1))

    shared = mutual_information(x, y)[0, 0] * np.log(20)  # twenty bins of equal counts

    assert shared == pytest.approx(mutual_info_regression(x, y[:, 0], random_state=0)[0], abs=0.06)
    assert shared == pytest.approx(np.log(2) / 2, abs=0.05)


def test_equal_values_share_a_bin():
    level = RANDOM.integers(0, 3, (1500, 1)).astype(float)

    assert mutual_information(-level, level)[0, 0] == pytest.approx(1)
    two_of_three = 1 - 2 / 3 * np.log(2) / np.log(3)
    assert mutual_information(level % 2, level)[0, 0] == pytest.approx(two_of_three, abs=0.02)


def test_concentration_goes_from_equal_weights_to_a_single_one():
    weights = np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])

    equal, between, nothing = concentration(weights)

    assert equal == pytest.approx(0, abs=1e-12) == nothing
    assert between == pytest.approx(1 - (np.log(3) - 2 / 3 * np.log(2)) / np.log(3))
    assert concentration(np.ones((1, 2))).tolist() == [1, 1]


def test_the_seed_settles_every_score():
    colours = COLOURS[:300]

    first, again, other = (scores(colours @ ROTATION, colours, seed=seed) for seed in (4, 4, 5))

    assert first == again != other


def test_sixteen_channels_take_seconds():
    embedding = np.hstack([COLOURS @ ROTATION, RANDOM.normal(0, 0.02, (1000, 13))])

    start = time.process_time()
    found = scores(embedding)

    assert time.process_time() - start < 10
    assert found["knn_r2/B"] > 0.97


def test_regressions_that_learn_from_more_pixels_read_what_sparse_rows_hide():
    colours, few = np.random.default_rng(3).uniform(size=(10_000, 3)), COLOURS[:300]
    embedding, dense = np.exp(2 * few @ ROTATION), np.exp(2 * colours @ ROTATION)

    alone = scores(embedding, few)
    taught = scores(embedding, few, learn_from=(dense, colours))

    assert max(alone[f"knn_r2/{colour}"] for colour in "RGB") < 0.97
    assert min(taught[f"knn_r2/{colour}"] for colour in "RGB") > 0.985
    assert all(taught[name] == alone[name] for name in alone if "_r2/" not in name)


def test_regressions_learn_from_the_pixels_given_and_no_others():
    embedding, misled = COLOURS @ ROTATION, 1 - COLOURS

    found = scores(embedding, learn_from=(embedding, misled))

    assert max(found[f"{kind}_r2/{colour}"] for kind in ("knn", "linear") for colour in "RGB") < -2


def test_distances_to_other_pixels_do_not_depend_on_the_scale_of_a_channel():
    factors = [2.0, 1e-3, 1e3]
    train, test = COLOURS[:800], COLOURS[800:]

    plain, scaled = (scores(test * by, test, learn_from=(train * by, train)) for by in ([1, 1, 1], factors))

    assert scaled["knn_r2/G"] == pytest.approx(plain["knn_r2/G"])
    constant = scores(np.c_[test, np.ones(200)], test, learn_from=(np.c_[train, np.ones(800)], train))
    assert constant["knn_r2/G"] == pytest.approx(plain["knn_r2/G"])


def test_of_many_rows_some_are_drawn(monkeypatch):
    monkeypatch.setattr(disentanglement, "MOST_ROWS", 100)

    few, usual = (scores(COLOURS[:rows] @ ROTATION, COLOURS[:rows]) for rows in (1000, 100))

    assert few["knn_r2/B"] < 0.97
    assert few["mig"] == pytest.approx(usual["mig"], abs=0.2)


def test_shapes_that_do_not_fit_and_constant_factors_are_refused():
    with pytest.raises(ValueError, match=r"`factors` of shape \(1000, 2\), but got \(1000, 3\)"):
        agreement(COLOURS, COLOURS, names=["R", "G"])
    with pytest.raises(ValueError, match="every factor to vary, but G is constant"):
        agreement(COLOURS, COLOURS * [1, 0, 1], names="RGB")
    with pytest.raises(ValueError, match=r"`learn_from` of shapes \(m, 3\) and \(m, 3\), but got \(1000, 2\)"):
        agreement(COLOURS, COLOURS, names="RGB", learn_from=(COLOURS[:, :2], COLOURS))


@pytest.mark.parametrize("rows", [100, 300, 1000])
def test_what_independent_columns_share_does_not_grow_where_rows_are_few(rows):
    one, two = np.random.default_rng(5).uniform(size=(2, rows, 8))

    shared = mutual_information(one, two)

    assert shared.mean() < 0.02
    assert mutual_information(one[:, :1], 2 * one[:, :1])[0, 0] == pytest.approx(1)


def test_what_is_subtracted_is_the_mean_over_permuted_rows():
    x = RANDOM.uniform(size=(200, 1))
    y = x + RANDOM.normal(0, 0.5, (200, 1))
    chance = np.mean([mutual_info_score(*bins(RANDOM.permutation(x), y)) for _ in range(300)])

    adjusted = (mutual_info_score(*bins(x, y)) - chance) / (np.log(20) - chance)

    assert mutual_information(x, y)[0, 0] == pytest.approx(adjusted, abs=0.01)


def bins(x, y):
    return (np.argsort(np.argsort(column[:, 0])) // 10 for column in (x, y))


def test_the_yardstick_is_what_rotated_factors_score():
    found = rotated_factors(COLOURS)

    assert 0.3 < found["disentanglement"] < 0.5  # the mean over all rotations is .4
    assert 0.08 < found["mig"] < 0.2
    assert found == pytest.approx(rotated_factors(COLOURS * [1, 100, 0.01]), abs=0.01)  # factors have units


def test_a_single_factor_cannot_be_turned():
    assert rotated_factors(COLOURS[:, :1]) == pytest.approx({"mig": 1, "disentanglement": 1})
