import numpy as np
import pytest

from remanence.science.conformal import conformal_half_width, least_rows


@pytest.mark.parametrize(
    ("rows", "coverage", "rank"),
    [(9, 0.9, 9), (10, 0.9, 10), (19, 0.9, 18), (20, 0.9, 19), (99, 0.9, 90), (99, 0.95, 95), (3, 0.5, 2), (1, 0.5, 1)],
)
def test_the_half_width_is_the_residual_of_the_rank(rows, coverage, rank):
    sizes = np.arange(1.0, rows + 1)
    residuals = np.random.default_rng(0).permutation(sizes) * np.where(np.arange(rows) % 2, 1, -1)

    assert conformal_half_width(residuals, coverage) == rank


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_least_number_of_rows_is_where_the_rank_exists(coverage):
    least = round(coverage / (1 - coverage))  # (n + 1) * coverage <= n

    assert least_rows(coverage) == least
    assert conformal_half_width(np.ones(least - 1), coverage) == np.inf
    assert conformal_half_width(np.ones(least), coverage) == 1.0


@pytest.mark.parametrize("rows", range(9))
def test_fewer_than_9_rows_have_no_interval_of_90_percent(rows):
    assert conformal_half_width(np.zeros(rows), 0.9) == np.inf


@pytest.mark.parametrize("rows", range(19, 400, 10))
def test_the_rank_is_exact_where_floats_round_up(rows):
    assert conformal_half_width(np.arange(1.0, rows + 1), 0.9) == (rows + 1) * 9 // 10


@pytest.mark.parametrize("coverage", [0.0, 1.0, 90, -0.5, np.nan])
def test_a_coverage_is_between_0_and_1(coverage):
    with pytest.raises(ValueError, match="between 0 and 1"):
        conformal_half_width(np.ones(100), coverage)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_residual_that_is_not_finite_is_refused_and_does_not_widen_the_others(bad):
    with pytest.raises(ValueError, match="to be finite"):
        conformal_half_width([*np.ones(50), bad], 0.9)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("rows", [20, 57, 200])
@pytest.mark.parametrize("kind", ["normal", "heavy tails", "skewed"])
def test_new_rows_are_covered_with_at_least_the_nominal_probability(coverage, rows, kind):
    random, trials = np.random.default_rng(rows), 2000
    draw = {
        "normal": random.standard_normal,
        "heavy tails": lambda size: random.standard_t(2, size),
        "skewed": lambda size: random.lognormal(0, 1, size),
    }[kind]
    calibration, new = draw((trials, rows)), draw((trials, 50))

    widths = np.array([conformal_half_width(residuals, coverage) for residuals in calibration])
    inside = (np.abs(new) <= widths[:, None]).mean()

    assert coverage - 0.005 <= inside <= coverage + 1 / (rows + 1) + 0.005


def test_the_sign_and_the_unit_of_residuals_carry_over():
    residuals = np.random.default_rng(0).standard_normal(30)

    width = conformal_half_width(residuals, 0.9)

    assert conformal_half_width(-residuals, 0.9) == width
    assert conformal_half_width(residuals * 1000, 0.9) == pytest.approx(1000 * width)
    assert conformal_half_width(residuals.tolist(), 0.9) == width
