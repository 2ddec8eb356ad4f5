import numpy as np
import pandas as pd
import pytest

from remanence.data.equal_inputs import EqualInputs
from remanence.data.held_together import hold_together
from remanence.data.splits import inner_folds, make_folds
from remanence.errors import DataError

RANDOM = np.random.default_rng(0)
SAMPLE = np.sort(RANDOM.integers(0, 60, 100))
"""Which of about 50 samples each of 100 rows is of."""
EQUAL = EqualInputs.of(SAMPLE[:, None].astype(float))
TARGET = 10.0 * SAMPLE + RANDOM.normal(0, 1, 100)
FRAME = pd.DataFrame({"sample": SAMPLE, "series": np.where(SAMPLE % 2, "NS", "QS"), "row": np.arange(100)})
COMMON = {"validation": 0.2, "bins": 5, "seed": 0}
SPLITS = {
    "stratified": {"folds": 5, "fold": 1, "held_out": {"row": [3, 50]}},
    "kfold": {"folds": 5, "repeats": 2},
    "grouped": {"folds": 4},
    "leave_one_group_out": {},
    "transfer": {"train": {"series": ["NS"]}, "test": {"series": ["QS"]}},
}


def rows(families=None, **options):
    return hold_together(TARGET, families, FRAME, "t.csv", EQUAL, **options)


@pytest.mark.parametrize("kind", SPLITS)
def test_equal_inputs_never_stand_on_both_sides(kind):
    families = np.array([f"batch {sample % 6}" for sample in SAMPLE]) if "group" in kind else None
    table = rows(families)

    folds = make_folds(table, kind=kind, **COMMON, **SPLITS[kind])

    for fold in folds:
        parts = [set(SAMPLE[part]) for part in (fold.train, fold.validation, fold.test)]
        assert sum(map(len, parts)) == np.unique(SAMPLE).size
        assert sorted(np.concatenate([fold.train, fold.validation, fold.test])) == list(range(100))
        for train, validation in inner_folds(table, fold, folds=5, seed=0):
            assert sorted(np.concatenate([train, validation])) == fold.fitting.tolist()
            assert not set(SAMPLE[train]) & set(SAMPLE[validation])


def test_folds_have_like_numbers_of_samples_and_the_target_distribution_of_the_whole():
    for fold in make_folds(rows(), kind="kfold", **COMMON, folds=5, repeats=2):
        assert np.unique(SAMPLE[fold.test]).size == pytest.approx(np.unique(SAMPLE).size / 5, abs=1)
        assert TARGET[fold.test].mean() == pytest.approx(TARGET.mean(), abs=0.4 * TARGET.std())


@pytest.mark.parametrize("kind", ["stratified", "kfold"])
def test_without_repeated_inputs_a_split_is_what_it_always_was(kind):
    distinct = EqualInputs.of(np.arange(100.0)[:, None])

    first, second = (
        make_folds(hold_together(TARGET, None, FRAME, "t.csv", equal, torn=torn), kind=kind, **COMMON, **SPLITS[kind])
        for equal, torn in ((distinct, False), (EQUAL, True))
    )

    for one, other in zip(first, second, strict=True):
        assert [one.train.tolist(), one.validation.tolist(), one.test.tolist()] == [
            other.train.tolist(), other.validation.tolist(), other.test.tolist()
        ]  # fmt: skip


def test_a_line_says_how_many_rows_repeat_inputs_and_what_becomes_of_them(capsys):
    repeated = int(EQUAL.repeated.sum())

    rows()
    assert f"t.csv: {repeated} of 100 rows stand in" in (said := capsys.readouterr().out)
    assert "held out together (data.duplicates=split: each row by itself)" in said
    assert "copies?" not in said
    hold_together(10.0 * SAMPLE, None, FRAME, "t.csv", EQUAL)
    assert f"equal inputs ({repeated} of them have equal targets as well: copies?), which" in capsys.readouterr().out
    rows(torn=True)
    assert "may stand on both sides of a split" in capsys.readouterr().out
    hold_together(TARGET, None, FRAME, "t.csv", EqualInputs.of(np.arange(100.0)[:, None]))
    assert capsys.readouterr().out == ""


def test_families_that_share_inputs_are_held_out_together_and_that_is_said(capsys):
    families = np.array([f"lab {row % 2}" if sample < 10 else f"lab {sample}" for row, sample in enumerate(SAMPLE)])

    table = rows(families)

    said = capsys.readouterr().out
    assert "stand in several families; " in said
    assert f"{np.unique(table.groups).size} instead of {np.unique(families).size}" in said
    assert table.groups[0] == "lab 0 + lab 1"


def test_equal_inputs_in_all_families_are_refused():
    with pytest.raises(DataError, match=r"all 2 families would be held out as one; .* allow it by data.duplicates=spl"):
        rows(np.array([f"lab {row % 2}" for row in range(100)]))


def test_a_transfer_between_rows_of_equal_inputs_is_refused():
    options = {"train": {"row": list(range(0, 100, 2))}, "test": {"row": list(range(1, 100, 2))}}

    with pytest.raises(DataError, match=r"t.csv: \d+ of 50 rows of data.split.test have the inputs of rows of "):
        make_folds(rows(), kind="transfer", **COMMON, **options)
    assert len(make_folds(rows(torn=True), kind="transfer", **COMMON, **options)) == 1


def test_too_few_different_inputs_are_told():
    few = EqualInputs.of(np.repeat([1.0, 2.0, 3.0], [40, 30, 30])[:, None])
    table = hold_together(TARGET, None, FRAME, "t.csv", few)

    with pytest.raises(DataError, match=r"5 folds need at least 5 rows, t.csv has 3 with different inputs"):
        make_folds(table, kind="kfold", **COMMON, folds=5, repeats=1)
    with pytest.raises(DataError, match=r"1 with different inputs would be left to train on"):
        make_folds(table, kind="kfold", **COMMON, folds=3, repeats=1)
