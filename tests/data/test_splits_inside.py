import numpy as np
import pandas as pd
import pytest

from remanence.data.equal_inputs import EqualInputs
from remanence.data.splits import RowTable, make_folds
from remanence.errors import ConfigurationError

ROWS = 60
TARGET = np.random.default_rng(0).normal(size=ROWS)
FAMILY = np.array([f"family {number}" for number in np.random.default_rng(1).integers(0, 12, ROWS)])
PAIRS = EqualInputs(np.arange(ROWS) // 2)
COMMON = {"validation": 0.2, "bins": 5, "seed": 0}
KINDS = [("kfold", {"folds": 5, "repeats": 2}), ("grouped", {"folds": 4}), ("leave_one_group_out", {}),
         ("stratified", {"folds": 5, "fold": 1})]  # fmt: skip


def divide(kind="kfold", *, groups=None, equal=None, **options):
    groups = FAMILY if kind in ("grouped", "leave_one_group_out") else groups
    table = RowTable(TARGET, groups, pd.DataFrame({"target": TARGET}), "t.csv", equal)
    return make_folds(table, kind=kind, **COMMON | options)


@pytest.mark.parametrize(("kind", "options"), KINDS)
@pytest.mark.parametrize("inside", [0, "last"])
def test_inner_folds_leave_the_test_of_their_fold_out_and_divide_all_others(kind, options, inside):
    outer = divide(kind, **options)
    number = len(outer) - 1 if inside == "last" else inside

    inner = divide(kind, **options, inside=number)

    for fold in inner:
        used = np.concatenate([fold.train, fold.validation, fold.test])
        np.testing.assert_array_equal(np.sort(used), np.sort(outer[number].fitting))
        if kind in ("grouped", "leave_one_group_out"):
            assert not set(FAMILY[fold.test]) & set(FAMILY[fold.fitting])
    if kind != "stratified":
        tested = np.concatenate([fold.test for fold in inner])
        np.testing.assert_array_equal(np.unique(tested), np.sort(outer[number].fitting))


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_only_one_fold_is_that_fold(kind, options):
    outer = divide(kind, **options)
    number = len(outer) - 1

    (fold,) = divide(kind, **options, only=number)

    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(fold, part), getattr(outer[number], part))


@pytest.mark.parametrize("key", ["inside", "only"])
def test_a_fold_that_is_not_there_is_refused(key):
    with pytest.raises(
        ConfigurationError, match=rf"^data\.split\.{key}: must be less than the number of folds \(5\), got 5"
    ):
        divide(folds=5, repeats=1, **{key: 5})


def test_a_transfer_has_no_inner_folds():
    table = RowTable(TARGET, None, pd.DataFrame({"kind": ["a", "b"] * 30}), "t.csv")
    with pytest.raises(
        ConfigurationError, match=r"^data\.split\.inside: the rows that train in a transfer are no folds"
    ):
        make_folds(table, kind="transfer", train={"kind": ["a"]}, test={"kind": ["b"]}, inside=0, **COMMON)


@pytest.mark.parametrize("equal", [None, PAIRS])
def test_a_share_fits_fewer_rows_and_tests_the_same(equal):
    whole = divide(folds=5, repeats=1, equal=equal)
    half, quarter = (divide(folds=5, repeats=1, equal=equal, share=share) for share in (0.5, 0.25))

    for one, two, four in zip(whole, half, quarter, strict=True):
        np.testing.assert_array_equal(one.test, two.test)
        assert set(four.fitting) < set(two.fitting) < set(one.fitting), "a smaller share is part of a larger one"
        assert len(two.fitting) == pytest.approx(len(one.fitting) / 2, abs=2)
        assert len(four.fitting) == pytest.approx(len(one.fitting) / 4, abs=2)
        if equal is not None:
            assert len(two.fitting) == 2 * len(np.unique(equal.sets[two.fitting])), "pairs stay together"


def test_a_share_takes_whole_families():
    half = divide("grouped", folds=4, share=0.5)

    for fold, whole in zip(half, divide("grouped", folds=4), strict=True):
        kept = set(FAMILY[fold.fitting])
        assert len(kept) == round(len(set(FAMILY[whole.fitting])) / 2)
        np.testing.assert_array_equal(
            fold.fitting, np.intersect1d(whole.fitting, np.flatnonzero(np.isin(FAMILY, list(kept))))
        )


def test_everything_is_as_before_without_these_keys():
    for one, other in zip(
        divide(folds=5, repeats=2), divide(folds=5, repeats=2, share=1.0, inside=None, only=None), strict=True
    ):
        np.testing.assert_array_equal(one.train, other.train)
