import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from remanence.data.splits import Fold
from remanence.science.conformal import conformal_half_width
from remanence.training.calibrate import calibrate
from remanence.training.fitted import Fitted, FoldResult
from remanence.training.intervals import Intervals

RANDOM = np.random.default_rng(0)
ROWS = 600
X = RANDOM.uniform(0, 1, (ROWS, 2))
NOISE = 0.1 + X[:, 0]
Y = np.stack([10 * X[:, 0] + NOISE * RANDOM.normal(size=ROWS), 3 + RANDOM.normal(size=ROWS)], axis=1)


class Known:
    """Predicts the truth, and knows how noisy it is."""

    def __init__(self, unit=1.0, with_spread=True):
        self.unit = unit
        if with_spread:
            self.spread = lambda x: self.unit * np.stack([0.1 + x[:, 0] / unit, np.ones(len(x))], axis=1)

    def predict(self, x):
        return self.unit * np.stack([10 * x[:, 0] / self.unit, np.full(len(x), 3.0)], axis=1)


def data(folds, x=X, y=Y):
    return SimpleNamespace(x=x, y=y, folds=folds, targets=["a", "b"])


def kfold(parts, repeats=1, rows=ROWS):
    random = np.random.default_rng(1)
    folds = []
    for _ in range(repeats):
        for test in np.array_split(random.permutation(rows), parts):
            folds.append(Fold(np.setdiff1d(np.arange(rows), test), np.empty(0, dtype=np.intp), np.sort(test)))
    return folds


def fitted(given, model=None, parts=("test",)):
    model = model or Known()
    results = []
    for fold in given.folds:
        rows = {"test": fold.test, "val": fold.validation, "train": fold.train}
        predicted = {part: (rows[part], model.predict(given.x[rows[part]])) for part in parts}
        results.append(FoldResult(model, predicted, np.full((len(fold.test), 2), np.nan)))
    return Fitted(model, results)


def test_rows_that_are_hard_to_predict_have_wider_intervals_and_every_quarter_is_covered():
    given = data(kfold(5))

    result = calibrate(fitted(given), given, coverage=0.9)

    rows = np.concatenate([fold.predicted["test"][0] for fold in result.folds])
    width = np.concatenate([fold.half_width[:, 0] for fold in result.folds])
    inside = np.abs(Y[rows, 0] - Known().predict(X[rows])[:, 0]) <= width
    assert inside.mean() == pytest.approx(0.9, abs=0.03)
    for quarter in np.array_split(np.argsort(X[rows, 0]), 4):
        assert inside[quarter].mean() == pytest.approx(0.9, abs=0.06)
    assert np.corrcoef(width, NOISE[rows])[0, 1] > 0.95
    assert result.coverage == 0.9


def test_no_row_of_a_folds_test_calibrates_its_intervals():
    given = data(kfold(4, repeats=2))
    before = calibrate(fitted(given), given, coverage=0.9).folds[1]

    y = Y.copy()
    y[given.folds[1].test] += 1e6
    changed = calibrate(fitted(data(given.folds, y=y)), data(given.folds, y=y), coverage=0.9).folds[1]

    np.testing.assert_array_equal(before.half_width, changed.half_width)


def test_a_row_that_several_folds_test_counts_once():
    given = data(kfold(4, repeats=3))

    result = calibrate(fitted(given), given, coverage=0.9)

    assert [len(fold.scores[0]) for fold in result.folds] == [450] * 12
    assert result.intervals.rows == ROWS


def test_the_factor_is_the_rank_of_the_scores():
    given = data(kfold(3))

    for fold in calibrate(fitted(given), given, coverage=0.8).folds:
        factor = [conformal_half_width(scores, 0.8) for scores in fold.scores]
        np.testing.assert_allclose(fold.half_width, factor * fold.sizes)


def test_a_single_fold_is_calibrated_on_its_validation_rows_unless_they_chose_the_epoch():
    rows = RANDOM.permutation(ROWS)
    given = data([Fold(rows[:300], rows[300:500], rows[500:])])
    fit = fitted(given, parts=("train", "val", "test"))

    result = calibrate(fit, given, coverage=0.9)

    assert result.intervals.rows == 200
    assert np.isfinite(result.folds[0].half_width).all()
    without = calibrate(fit, given, coverage=0.9, validated=False)
    assert without.intervals is None
    assert np.isnan(without.folds[0].half_width).all()
    assert without.region is not None


def test_too_few_rows_give_intervals_without_end_and_it_is_said():
    given = data(kfold(2, rows=8), X[:8], Y[:8])

    result = calibrate(fitted(given), given, coverage=0.9)

    assert np.isinf(result.folds[0].half_width).all()
    assert np.isinf(result.predict_with_half_width(X[:3])[1]).all()
    assert result.intervals.told_endless() == ("intervals of 90% have no end: 9 held-out rows are needed, there are 8")


@pytest.mark.parametrize("unit", [1e-12, 1e12])
@pytest.mark.parametrize("with_spread", [True, False])
def test_intervals_scale_with_the_units(unit, with_spread):
    given = data(kfold(3))
    scaled = data(given.folds, X * unit, Y * unit)

    here = calibrate(fitted(given, Known(with_spread=with_spread)), given, coverage=0.9)
    there = calibrate(fitted(scaled, Known(unit, with_spread)), scaled, coverage=0.9)

    for fold, other in zip(here.folds, there.folds, strict=True):
        np.testing.assert_allclose(other.half_width, unit * fold.half_width, rtol=1e-4)


def test_a_row_that_was_measured_less_surely_has_a_wider_interval():
    given, uncertainty = data(kfold(3)), np.full(Y.shape, np.nan)
    plain = calibrate(fitted(given), given, coverage=0.9)
    uncertainty[::50, 0] = 5.0

    result = calibrate(fitted(given), given, coverage=0.9, uncertainty=uncertainty)

    for before, after, fold in zip(plain.folds, result.folds, given.folds, strict=True):
        unsure = np.isin(fold.test, np.arange(0, ROWS, 50))
        assert (after.half_width[unsure, 0] > 5).all()
        np.testing.assert_allclose(after.half_width[~unsure, 0], before.half_width[~unsure, 0], rtol=0.05)
        np.testing.assert_array_equal(after.half_width[:, 1], before.half_width[:, 1])


def test_the_kept_model_gives_every_row_its_own_width_that_grows_away_from_home():
    given = data(kfold(3))
    result = calibrate(fitted(given), given, coverage=0.9)

    points = np.array([[0.1, 0.5], [0.9, 0.5], [0.9, 1.5], [0.9, 3.0], [0.9, 30.0]])
    width = result.predict_with_half_width(points)[1][:, 0]

    assert (np.diff(width) > 0).all()
    stored = Intervals.from_dict(json.loads(json.dumps(result.intervals.to_dict())))
    again = replace(result, intervals=stored).predict_with_half_width(points)[1]
    assert again[:, 0].tolist() == width.tolist()
