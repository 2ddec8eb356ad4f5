import numpy as np
import pandas as pd
import pytest

from remanence.data.splits import RowTable, inner_folds, make_folds

RANDOM = np.random.default_rng(0)
ROWS = 60
TARGET = RANDOM.lognormal(5, 0.6, ROWS)
FAMILY = np.array([f"family {number}" for number in RANDOM.integers(0, 9, ROWS)])
FRAME = pd.DataFrame(
    {
        "series": np.array(["NS", "QS", "Sr"])[np.arange(ROWS) % 3],
        "dopant": np.array([0.0, 0.005, 0.01, 1.0])[np.arange(ROWS) % 4],
        "lph_slope": RANDOM.permutation(np.linspace(16, 50, ROWS)),
    }
)
COMMON = {"validation": 0.2, "bins": 5, "seed": 0}


def table(*, groups=FAMILY, rows=ROWS):
    return RowTable(TARGET[:rows], None if groups is None else groups[:rows], FRAME.iloc[:rows], "t.csv")


def divide(kind, given=None, **options):
    return make_folds(given or table(), kind=kind, **COMMON | options)


def assert_partition(fold, rows=ROWS):
    parts = [fold.train, fold.validation, fold.test]
    assert sorted(np.concatenate(parts)) == list(range(rows))
    np.testing.assert_array_equal(fold.fitting, np.sort(np.concatenate(parts[:2])))
    assert all(len(part) for part in parts)


@pytest.mark.parametrize("folds", [2, 3, 5])
@pytest.mark.parametrize("repeats", [1, 3])
def test_kfold_tests_every_row_once_in_each_repetition(folds, repeats):
    divided = divide("kfold", table(groups=None), folds=folds, repeats=repeats)

    assert len(divided) == folds * repeats
    for fold in divided:
        assert_partition(fold)
    for repeat in range(repeats):
        tested = np.concatenate([fold.test for fold in divided[repeat * folds : (repeat + 1) * folds]])
        assert sorted(tested) == list(range(ROWS))
    assert len({fold.test.tobytes() for fold in divided}) == folds * repeats


def test_every_fold_has_the_target_distribution_of_the_whole():
    for fold in divide("kfold", table(groups=None), folds=5, repeats=2):
        assert TARGET[fold.test].mean() == pytest.approx(TARGET.mean(), abs=0.4 * TARGET.std())


def test_the_stratified_split_is_one_fold_of_the_first_repetition():
    every = divide("kfold", folds=5, repeats=2)

    for number in range(5):
        (one,) = divide("stratified", folds=5, fold=number, held_out={})
        np.testing.assert_array_equal(one.test, every[number].test)


@pytest.mark.parametrize("folds", [2, 5])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", ["grouped", "kfold", "stratified"])
def test_no_family_is_torn_apart_by_a_split_that_knows_the_families(kind, folds, seed):
    if kind == "stratified":
        divided = [divide(kind, folds=folds, fold=fold, held_out={}, seed=seed)[0] for fold in range(folds)]
    else:
        divided = divide(kind, folds=folds, seed=seed, **({"repeats": 1} if kind == "kfold" else {}))

    assert len(divided) == folds
    assert sorted(np.concatenate([fold.test for fold in divided])) == list(range(ROWS))
    for fold in divided:
        assert_partition(fold)
        parts = [set(FAMILY[part]) for part in (fold.train, fold.validation, fold.test)]
        assert sum(map(len, parts)) == len(set(FAMILY))


def test_each_family_is_left_out_once():
    divided = divide("leave_one_group_out")

    assert [set(FAMILY[fold.test]) for fold in divided] == [{name} for name in sorted(set(FAMILY))]
    for fold in divided:
        assert_partition(fold)


@pytest.mark.parametrize("kind", ["grouped", "leave_one_group_out", "kfold"])
@pytest.mark.parametrize("folds", [2, 3, 20])
def test_members_of_an_ensemble_keep_families_together(kind, folds):
    options = {"grouped": {"folds": 3}, "kfold": {"folds": 3, "repeats": 1}, "leave_one_group_out": {}}[kind]

    for fold in divide(kind, **options):
        pairs = inner_folds(table(), fold, folds=folds, seed=0)
        families = len(set(FAMILY[fold.fitting]))
        assert len(pairs) == min(folds, families)
        np.testing.assert_array_equal(np.sort(np.concatenate([held for _, held in pairs])), fold.fitting)
        for train, validation in pairs:
            np.testing.assert_array_equal(np.sort([*train, *validation]), fold.fitting)
            assert not set(FAMILY[train]) & set(FAMILY[validation])


@pytest.mark.parametrize("folds", [2, 5, 48, 99])
def test_without_families_each_row_validates_in_one_member(folds):
    given = table(groups=None)
    (fold,) = divide("stratified", given, folds=5, fold=0, held_out={})

    pairs = inner_folds(given, fold, folds=folds, seed=0)

    assert len(pairs) == min(folds, 48)
    np.testing.assert_array_equal(np.sort(np.concatenate([held for _, held in pairs])), fold.fitting)


def test_a_single_member_has_the_parts_of_its_fold():
    (fold,) = divide("stratified", folds=5, fold=0, held_out={})

    ((train, validation),) = inner_folds(table(), fold, folds=1, seed=0)

    np.testing.assert_array_equal(train, fold.train)
    np.testing.assert_array_equal(validation, fold.validation)


def test_one_family_outside_the_test_is_divided_by_rows():
    groups = np.repeat(["a", "b"], 30)
    given = table(groups=groups)

    for fold in divide("leave_one_group_out", given):
        assert len(inner_folds(given, fold, folds=3, seed=0)) == 3
