import numpy as np
import pytest
from scipy.stats import kstest

from remanence.science.unmixing.active_units import kl_per_latent
from remanence.science.unmixing.spatial import morans_i, posterior_against_normal

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(size=(30, 20))
NEIGHBOURS = ["rook", "queen"]


def by_the_matrix(values, reach):
    """Moran's I and the sums of its weights, from the full matrix of pairs of known pixels."""
    rows, columns = np.nonzero(np.isfinite(values))
    far_rows, far_columns = abs(rows[:, None] - rows), abs(columns[:, None] - columns)
    weights = (far_rows + far_columns == 1) if reach == "rook" else (np.maximum(far_rows, far_columns) == 1)
    z = values[rows, columns] - values[rows, columns].mean()
    i = len(z) * (z @ weights @ z) / weights.sum() / (z @ z)
    return i, weights, z


def with_holes(values):
    holed = values.copy()
    holed[RANDOM.uniform(size=values.shape) < 0.2] = np.nan
    return holed


@pytest.mark.parametrize("neighbours", NEIGHBOURS)
@pytest.mark.parametrize("values", [NOISE, NOISE.cumsum(axis=0), with_holes(NOISE)], ids=["noise", "smooth", "holes"])
def test_the_statistic_is_that_of_the_full_matrix_of_pairs(values, neighbours):
    i, weights, _ = by_the_matrix(values, neighbours)

    found = morans_i(values, neighbours=neighbours)

    assert found.i == pytest.approx(i)
    assert found.expected == pytest.approx(-1 / (len(weights) - 1))


@pytest.mark.parametrize("neighbours", NEIGHBOURS)
def test_expectation_and_variance_are_those_of_shuffled_pixels(neighbours):
    values = with_holes(np.exp(2 * NOISE[:12, :10]))  # a heavy tail, where the kurtosis matters
    _, weights, z = by_the_matrix(values, neighbours)

    shuffled = RANDOM.permuted(np.tile(z, (20000, 1)), axis=1)
    drawn = len(z) * ((shuffled @ weights) * shuffled).sum(axis=1) / weights.sum() / (z @ z)

    found = morans_i(values, neighbours=neighbours)
    assert found.expected == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(20000))
    assert found.variance == pytest.approx(drawn.var(), rel=0.05)


def test_noise_looks_like_noise_and_domains_do_not():
    p_values = [morans_i(RANDOM.normal(size=(20, 20))).p_value for _ in range(500)]

    assert kstest(p_values, "uniform").pvalue > 0.01
    domains = np.sign(np.sin(np.arange(40) / 4))[:, None] + RANDOM.normal(size=(40, 40))
    assert morans_i(domains).i > 0.3
    assert morans_i(domains).p_value < 1e-10


def test_a_chessboard_alternates_and_a_gradient_does_not():
    chessboard = np.indices((8, 8)).sum(axis=0) % 2

    assert morans_i(chessboard).i == pytest.approx(-1)
    assert morans_i(np.tile(np.arange(30), (30, 1))).i > 0.9


def test_scale_and_offset_do_not_matter():
    assert morans_i(1e-6 * NOISE + 3).i == pytest.approx(morans_i(NOISE).i)


LONELY = np.where(np.indices((5, 5)).sum(axis=0) % 2, NOISE[:5, :5], np.nan)


@pytest.mark.parametrize(
    "values",
    [np.ones((5, 5)), np.full((5, 5), np.nan), NOISE[:3, :1], LONELY],
    ids=["constant", "masked", "three pixels", "no neighbours"],
)
def test_a_map_without_an_answer_gives_nan(values):
    found = morans_i(values)

    assert np.isnan([found.i, found.expected, found.variance, found.p_value]).all()


def test_a_list_of_values_is_not_a_map():
    with pytest.raises(ValueError, match=r"shape \(rows, columns\), but got \(600,\)"):
        morans_i(NOISE.ravel())


@pytest.fixture(scope="module")
def posterior():
    """An active, a switched-off and an exactly constant latent."""
    mean = np.stack([RANDOM.normal(0, 0.995, 4000), RANDOM.normal(0, 0.01, 4000), np.zeros(4000)], axis=1)
    return mean, np.tile(2 * np.log([0.1, 1.0, 1.0]), (4000, 1))


def test_an_active_latent_fills_the_prior_with_its_means_and_an_inactive_one_with_its_noise(posterior):
    found = posterior_against_normal(*posterior)

    np.testing.assert_allclose(found.kl, kl_per_latent(*posterior))
    np.testing.assert_allclose(found.posterior_deviation, [0.1, 1, 1])
    assert found.spread_of_means == pytest.approx([0.995, 0.01, 0], rel=0.05)
    assert found.means_distance == pytest.approx([0, 0.49, 0.5], abs=0.03)
    assert (found.sample_distance < 0.03).all()


def test_the_shape_of_the_means_is_judged_whatever_their_amplitude(posterior):
    found = posterior_against_normal(*posterior)
    domains = posterior_against_normal(np.sign(posterior[0]) * 0.01, posterior[1])

    assert (found.shape_distance[:2] < 0.03).all()
    assert np.isnan(found.shape_distance[2])
    assert (domains.shape_distance[:2] > 0.3).all()


def test_the_distance_of_samples_is_that_of_drawn_ones():
    mean, log_variance = RANDOM.normal(1, 0.5, (3000, 1)), np.full((3000, 1), -1.0)
    drawn = mean + np.exp(log_variance / 2) * RANDOM.normal(size=(3000, 40))

    found = posterior_against_normal(mean, log_variance).sample_distance[0]

    assert found == pytest.approx(kstest(drawn.ravel(), "norm").statistic, abs=0.01)
