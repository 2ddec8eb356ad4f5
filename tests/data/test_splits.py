import numpy as np
import pandas as pd
import pytest

from remanence.data.splits import Fold, RowTable, bin_target, make_folds
from remanence.errors import ConfigurationError, DataError, UserError

PARTS = ("train", "validation", "test")


def values(rows, kind="skewed", seed=0):
    random = np.random.default_rng(seed)
    kinds = {
        "skewed": random.lognormal(5, 0.6, rows),
        "uniform": random.uniform(40, 650, rows),
        "ties": random.integers(0, 3, rows) * 10.0,
        "constant": np.full(rows, 7.0),
        "sorted": np.arange(rows, dtype=float),
    }
    return kinds[kind]


def divide(target, *, folds=5, fold=0, validation=0.2, bins=5, seed=0):
    table = RowTable(target, None, pd.DataFrame(index=range(len(target))), "t.csv")
    options = {"folds": folds, "fold": fold, "held_out": {}}
    (divided,) = make_folds(table, kind="stratified", validation=validation, bins=bins, seed=seed, **options)
    return divided


def same(first: Fold, second: Fold) -> bool:
    return all(np.array_equal(getattr(first, part), getattr(second, part)) for part in PARTS)


@pytest.mark.parametrize("kind", ["skewed", "uniform", "ties", "constant", "sorted"])
@pytest.mark.parametrize("rows", [5, 6, 7, 8, 9, 10, 11, 12, 21, 204])
@pytest.mark.parametrize("folds", [3, 4, 5])
def test_parts_are_disjoint_and_complete_and_the_folds_test_every_row_once(kind, rows, folds):
    target = values(rows, kind)

    divided = [divide(target, folds=folds, fold=fold) for fold in range(folds)]

    for fold in divided:
        assert sorted(np.concatenate([fold.train, fold.validation, fold.test])) == list(range(rows))
        assert len(fold.train) >= 2
        assert len(fold.validation) >= 1
        assert rows // folds <= len(fold.test) <= -(-rows // folds)
    assert sorted(np.concatenate([fold.test for fold in divided])) == list(range(rows))


@pytest.mark.parametrize("kind", ["skewed", "uniform", "sorted"])
@pytest.mark.parametrize("fold", range(5))
def test_each_part_has_the_target_distribution_of_the_whole(kind, fold):
    target = values(400, kind)
    bins = bin_target(target, 5)

    divided = divide(target, fold=fold)

    assert [len(getattr(divided, part)) for part in PARTS] == [256, 64, 80]
    for part in PARTS:
        rows = getattr(divided, part)
        assert np.bincount(bins[rows]) / len(rows) == pytest.approx([0.2] * 5, abs=0.02)
        assert target[rows].mean() == pytest.approx(target.mean(), abs=0.2 * target.std())


@pytest.mark.parametrize("validation", [0.1, 0.2, 0.5])
def test_validation_is_a_share_of_the_rows_that_are_not_tested(validation):
    divided = divide(values(100), validation=validation)

    assert len(divided.validation) == round(80 * validation)
    assert len(divided.test) == 20


def test_a_seed_gives_the_same_split_and_another_seed_another():
    target = values(60)

    assert same(divide(target, seed=3), divide(target, seed=3))
    for part in PARTS:
        others = [getattr(divide(target, seed=seed), part) for seed in range(4, 8)]
        assert not any(np.array_equal(getattr(divide(target, seed=3), part), other) for other in others)


def test_the_split_neither_uses_nor_disturbs_the_global_generator():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()

    first = divide(values(60))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.random.seed(1)

    assert same(first, divide(values(60)))


@pytest.mark.parametrize(
    ("rows", "arguments", "error", "message"),
    [
        (4, {"folds": 5}, DataError, "data.split.folds: 5 folds need at least 5 rows, t.csv has 4"),
        (
            20,
            {"folds": 5, "fold": 5},
            ConfigurationError,
            r"data.split.fold: must be less than data.split.folds \(5\), got 5",
        ),
        (
            3,
            {"folds": 3},
            DataError,
            "t.csv: 3 rows are too few: .*1 would be left to train on, 1 to validate, 1 to test",
        ),
        (5, {"validation": 0.9}, DataError, "data.split.validation=0.9 0 would be left to train on, 4 to validate"),
        (1, {"folds": 2}, DataError, "data.split.folds: 2 folds need at least 2 rows"),
        (2, {"folds": 2}, DataError, "t.csv: 2 rows are too few"),
    ],
)
def test_too_few_rows_name_the_key_and_the_counts(rows, arguments, error, message):
    with pytest.raises(error, match=message):
        divide(values(rows), **arguments)


@pytest.mark.parametrize("rows", range(1, 13))
@pytest.mark.parametrize("folds", [2, 4, 5, 12])
@pytest.mark.parametrize("validation", [0.05, 0.2, 0.6])
def test_a_small_table_is_divided_or_refused_in_one_line(rows, folds, validation):
    try:
        divided = divide(values(rows), folds=folds, fold=folds - 1, validation=validation)
    except UserError as error:
        refusal = str(error)
        divided = None

    if divided is None:
        assert len(refusal.splitlines()) == 1
    else:
        assert sorted(np.concatenate([getattr(divided, part) for part in PARTS])) == list(range(rows))
        assert all(len(getattr(divided, part)) for part in PARTS)


def test_bins_hold_equal_shares_of_the_rows():
    assert np.bincount(bin_target(values(100), 4)).tolist() == [25] * 4
    assert bin_target(np.array([3.0, 1.0, 2.0]), 1).tolist() == [0, 0, 0]
