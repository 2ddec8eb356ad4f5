import numpy as np
import pytest

from remanence.data.table import Table
from remanence.studies.fold_scores import all_metrics, stand_in
from remanence.studies.row_model_card import intervals, quality, trained_on, trust

KFOLD = {"kind": "kfold", "folds": 4, "repeats": 1, "validation": 0.2, "bins": 5, "seed": 0}


@pytest.fixture
def opened(table):
    def open_(frame=None, **given):
        path = table(rows=40, **(frame or {}))
        options = {"split": KFOLD, "target": "d33", "duplicates": "together", "features": ["x"], **given}
        return Table(path=str(path), **options).open()

    return open_


def test_models_stand_in_the_order_of_their_errors_with_what_follows(opened):
    data = opened()
    metrics = all_metrics(stand_in(data, 0), {"a": stand_in(data, 1), "b": stand_in(data, 2)}, data)
    metrics |= {"test/mae": 2.0, "baseline/a/test/mae": 3.0, "baseline/b/test/mae": 1.0, "baseline/b/p": 0.2}
    rows = {"**this run**": "test", "a": "baseline/a/test", "b": "baseline/b/test"}

    title, models, spread, said = quality(metrics, rows, data, "d33")

    assert title == f"{data.columns.label('d33')}, 40 predictions of held-out rows:"
    assert [line.split(" | ")[0] for line in models.splitlines()[2:]] == ["| b", "| **this run**", "| a"]
    assert spread.startswith("±: sd over 4 folds; p: ")
    assert said == "**b errs less than this model**: 1 against 2, within chance."


@pytest.mark.parametrize(("p", "ending"), [(0.01, "a (p = 0.01)."), (0.4, "a, within chance.")])
def test_a_better_model_says_whether_it_could_be_chance(opened, p, ending):
    data = opened()
    metrics = {"test/mae": 1.5, "baseline/a/test/mae": 2.0, "baseline/a/p": p}
    rows = {"this": "test", "a": "baseline/a/test"}

    assert quality(metrics, rows, data, "d33")[-1] == f"It errs by 25.0% less than the best baseline, {ending}"


def test_without_a_baseline_it_says_so(opened):
    assert quality({"test/mae": 1.0}, {"this": "test"}, opened(), "d33")[-1].startswith("No baseline stands beside it")


def test_intervals_that_cover_too_few_rows_are_said_to_be_too_narrow():
    good = {"test/coverage": 0.88, "test/interval_width": 4.0}
    told = {"nominal": 0.9, "rows": 100, "unit": "pC/N"}

    assert intervals(good, "test", **told) == [
        "Intervals of 90% cover 88.0% of the held-out rows (by chance ± 5.9%), mean width 4 pC/N."
    ]
    assert "too narrow" in intervals(good | {"test/coverage": 0.8}, "test", **told)[1]
    assert "no intervals" in intervals({}, "test", **told)[0]


def test_several_folds_say_that_nobody_tested_the_logged_model(opened):
    told = " ".join(trained_on(opened(), 12))

    assert "12 networks among them" in told
    assert "have seen all 40 rows" in told
    assert "nobody has tested the logged model itself" in told


def test_a_single_fold_says_how_many_rows_test_it(opened):
    split = {"kind": "stratified", "folds": 4, "fold": 0, "held_out": {}, "validation": 0.2, "bins": 5, "seed": 0}

    assert "Fitted to 30 rows, 10 others test it." in trained_on(opened(split=split), 0)


def test_errors_are_given_as_a_user_meets_them(opened):
    data = opened({"x": np.arange(40) // 2 / 40, "d33": np.arange(40.0)})
    fit = stand_in(data, 0)

    told = trust({"test/rmse": 7.0}, fit, data, 0, "test")

    wrong = np.concatenate(
        [np.abs(f.predicted["test"][1][:, 0] - data.y[f.predicted["test"][0], 0]) for f in fit.folds]
    )
    assert f"Half of the held-out rows are predicted within {np.median(wrong):.4g}" in told[1]
    assert "Measured values were 0 to 39" in told[2]
    assert "the RMSE is 9.899 times that" in told[3]
    assert told[4].startswith("Mean errors of single folds: ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"duplicates": "split"}, "of the tested rows repeat inputs that were fitted"),
        ({"duplicates": "together"}, "samples from another source"),
        ({"groups": "x", "split": KFOLD | {"kind": "grouped"}}, "of families of which the model has seen no row"),
    ],
)
def test_it_says_for_which_samples_the_errors_hold(opened, given, said):
    split = {key: value for key, value in given.get("split", KFOLD).items() if key != "repeats" or "split" not in given}
    data = opened({"x": np.arange(40) // 2 / 40}, **(given | {"split": split}))

    assert said in trust({}, stand_in(data, 0), data, 0, "test")[0]
