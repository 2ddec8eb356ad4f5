import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import KFold

from remanence.data.splits import Fold
from remanence.training.fold_comparison import corrected_t_test, holm, overlap


def fold(trained, validated, tested):
    rows = np.arange(trained + validated + tested)
    return Fold(rows[:trained], rows[trained : trained + validated], rows[trained + validated :])


def test_the_ratio_is_that_of_tested_rows_to_all_others():
    assert overlap([fold(6, 2, 2)]) == 0.25
    assert overlap([fold(6, 2, 2), fold(5, 1, 4)]) == pytest.approx((0.25 + 4 / 6) / 2)


@pytest.mark.parametrize("folds", [2, 5, 15])
def test_without_overlap_it_is_the_paired_t_test(folds):
    model, other = np.random.default_rng(folds).normal(size=(2, folds))

    assert corrected_t_test(model, other, 0.0) == pytest.approx(stats.ttest_rel(model, other).pvalue)
    assert corrected_t_test(model, other, 0.25) > corrected_t_test(model, other, 0.0)


def test_the_correction_is_that_of_nadeau_and_bengio():
    model, other = np.array([1.0, 2.0, 4.0, 4.0, 5.0]), np.array([2.0, 2.5, 4.2, 4.1, 5.9])
    difference = model - other
    t = difference.mean() / np.sqrt((1 / 5 + 1 / 4) * difference.var(ddof=1))

    assert corrected_t_test(model, other, 1 / 4) == pytest.approx(2 * stats.t.cdf(t, df=4))


def test_units_do_not_matter():
    model, other = np.random.default_rng(0).uniform(1, 2, (2, 6))

    for factor in (1e-12, 1e12):
        p = corrected_t_test(factor * model, factor * other, 0.25)
        assert p == pytest.approx(corrected_t_test(model, other, 0.25))


@pytest.mark.parametrize(
    ("model", "other"),
    [([1.0], [2.0]), ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), ([1.0, 2.0], [1.0 + 1e-16, 2.0 - 2e-16])],
    ids=["one fold", "the same model", "rounding"],
)
def test_without_evidence_there_is_no_p(model, other):
    assert np.isnan(corrected_t_test(np.array(model), np.array(other), 0.25))


def test_the_same_difference_in_every_fold_is_certain():
    assert corrected_t_test(np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.5, 3.5]), 0.25) == 0


def test_two_equally_good_models_are_rarely_told_apart():
    """A plain paired t test over repeated folds finds a difference between equals far more often than .05."""
    splits = [list(KFold(5, shuffle=True, random_state=repeat).split(np.arange(60))) for repeat in range(10)]
    corrected, plain = [], []
    for seed in range(200):
        random = np.random.default_rng(seed)
        x, y = random.normal(size=(60, 4)), random.normal(size=60)
        errors = [[], []]
        for repeat in range(10):
            for train, test in splits[repeat]:
                for own, columns in zip(errors, ([0, 1], [2, 3]), strict=True):
                    known = x[train][:, columns]
                    weights = np.linalg.solve(known.T @ known, known.T @ y[train])
                    own.append(np.abs(x[test][:, columns] @ weights - y[test]).mean())
        corrected.append(corrected_t_test(*np.array(errors), 1 / 4))
        plain.append(stats.ttest_rel(*errors).pvalue)

    assert np.mean(np.array(plain) < 0.05) > 0.2
    assert np.mean(np.array(corrected) < 0.05) < 0.08


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.03], [0.03]),
        ([0.03, 0.02], [0.04, 0.04]),  # the smallest counts twice, and none may fall below one that was smaller
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # the example of R's p.adjust
        ([0.9, 0.8], [1.0, 1.0]),
    ],
)
def test_holm_multiplies_the_smallest_by_the_number_of_tests_and_the_next_by_one_less(p, expected):
    adjusted = holm({str(number): value for number, value in enumerate(p)})

    assert list(adjusted.values()) == pytest.approx(expected)


def test_a_missing_p_is_no_test():
    adjusted = holm({"a": 0.01, "b": float("nan"), "c": 0.04})

    assert (adjusted["a"], adjusted["c"]) == pytest.approx((0.02, 0.04))
    assert np.isnan(adjusted["b"])
