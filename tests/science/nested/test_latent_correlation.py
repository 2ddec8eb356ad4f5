import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.decomposition import PCA

from remanence.science.nested.latent_correlation import correlations, principal_plane

RANDOM = np.random.default_rng(0)
LATENTS = RANDOM.normal(size=(60, 4)) @ RANDOM.normal(size=(4, 4)) + 5


def test_correlations_are_those_of_scipy_over_the_rows_where_a_property_was_measured():
    properties = np.stack([LATENTS[:, 0] ** 2, LATENTS[:, 1] + RANDOM.normal(size=60)], axis=1)
    properties[::3, 1] = np.nan

    r = correlations(LATENTS, properties)

    for latent in range(4):
        for column in range(2):
            kept = np.isfinite(properties[:, column])
            expected = pearsonr(LATENTS[kept, latent], properties[kept, column]).statistic
            assert r[latent, column] == pytest.approx(expected)


def test_constant_columns_and_properties_hardly_measured_have_none():
    latents = np.stack([np.full(60, 0.1), LATENTS[:, 0]], axis=1)
    once = np.where(np.arange(60) == 3, 1.0, np.nan)

    r = correlations(latents, np.stack([LATENTS[:, 0], np.full(60, 7.7), once, np.full(60, np.nan)], axis=1))

    np.testing.assert_allclose(r, [[0, 0, 0, 0], [1, 0, 0, 0]], atol=1e-12)
    assert np.abs(r).max() <= 1


def test_other_rows_are_refused():
    with pytest.raises(ValueError, match="Expected `latents` and `properties` with the same rows"):
        correlations(LATENTS, np.zeros((59, 1)))


def test_the_plane_is_that_of_scikit_learn():
    points, shares = principal_plane(LATENTS)

    pca = PCA(2).fit(LATENTS)
    expected = pca.transform(LATENTS)
    np.testing.assert_allclose(shares, pca.explained_variance_ratio_)
    np.testing.assert_allclose(points * np.sign((points * expected).sum(axis=0)), expected)


def test_an_axis_points_to_where_its_largest_loading_grows():
    points, _ = principal_plane(-LATENTS)

    np.testing.assert_allclose(points, principal_plane(-LATENTS[::-1])[0][::-1])
    single = np.array([[3.0], [1.0], [2.0]])
    points, shares = principal_plane(single)
    np.testing.assert_allclose(points, [[1, 0], [-1, 0], [0, 0]], atol=1e-12)
    assert shares.tolist() == [1, 0]


def test_latents_that_do_not_vary_lie_in_one_point():
    points, shares = principal_plane(np.full((5, 3), 2.0))

    assert not points.any()
    assert not shares.any()


@pytest.mark.parametrize("latents", [np.zeros(3), np.zeros((0, 3)), np.zeros((3, 0))])
def test_no_table_of_latents_is_refused(latents):
    with pytest.raises(ValueError, match="Expected `latents` of shape"):
        principal_plane(latents)
