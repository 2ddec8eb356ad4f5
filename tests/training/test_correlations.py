import numpy as np
import pytest
from scipy import stats

from remanence.training.correlations import correlations

RANDOM = np.random.default_rng(0)
SLOPE = RANDOM.uniform(16, 50, 21)
PROPERTIES = {"eps_r": 420 + 24 * SLOPE + RANDOM.normal(0, 60, 21), "d33": RANDOM.normal(150, 20, 21)}


def test_both_correlations_are_those_of_scipy():
    table = correlations(SLOPE, PROPERTIES).set_index("property")

    assert table["rows"].tolist() == [21, 21]
    for name, values in PROPERTIES.items():
        pearson, spearman = stats.pearsonr(SLOPE, values), stats.spearmanr(SLOPE, values)
        row = table.loc[name]
        assert (row["pearson"], row["pearson_p"]) == pytest.approx((pearson.statistic, pearson.pvalue))
        assert (row["spearman"], row["spearman_p"]) == pytest.approx((spearman.statistic, spearman.pvalue))
        z, half = np.arctanh(row["pearson"]), 1.959964 / np.sqrt(21 - 3)
        assert row["pearson_low"] == pytest.approx(np.tanh(z - half), abs=1e-6)
        assert row["pearson_high"] == pytest.approx(np.tanh(z + half), abs=1e-6)


def test_the_bootstrap_interval_is_that_of_scipy():
    def rho(first, second):
        return stats.spearmanr(first, second).statistic

    values = PROPERTIES["eps_r"]
    reference = stats.bootstrap(
        (SLOPE, values), rho, paired=True, vectorized=False, n_resamples=1000, method="percentile", random_state=1
    ).confidence_interval

    row = correlations(SLOPE, {"eps_r": values}).iloc[0]

    assert row["spearman_low"] == pytest.approx(reference.low, abs=0.06)
    assert row["spearman_high"] == pytest.approx(reference.high, abs=0.02)
    assert row["spearman_low"] < row["spearman"] < row["spearman_high"]


def test_a_correlation_does_not_depend_on_the_global_generator():
    np.random.seed(0)
    first = correlations(SLOPE, PROPERTIES)
    np.random.seed(1)

    assert first.equals(correlations(SLOPE, PROPERTIES))


@pytest.mark.parametrize("rows", [4, 5])
def test_a_handful_of_samples_has_finite_coefficients(rows):
    row = correlations(SLOPE[:rows], {"d33": PROPERTIES["d33"][:rows]}).iloc[0]

    assert np.isfinite(row[["pearson", "spearman", "spearman_low", "spearman_high"]].to_numpy(dtype=float)).all()
    assert -1 <= row["pearson_low"] <= row["pearson_high"] <= 1
