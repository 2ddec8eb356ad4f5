from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy import stats
from small_ensemble import make_trainer
from small_training import KFOLD, make_model, open_data

from remanence.studies.table.augmentation import agreement, fit_augmented
from remanence.training.options import Augmentation
from remanence.training.stacked.stacked_trainer import StackedTrainer

SETTINGS = Augmentation(kind="noise", n_augmented=15, sigma=0.05, seed=0)


@dataclass
class Spy(StackedTrainer):
    """A trainer that notes the drawn rows it is given."""

    drawn: list = field(default_factory=list)

    def fit(self, model, data, drawn=()):
        self.drawn.append(list(drawn))
        return super().fit(model, data, drawn)


def augmented(data, *, report=None, **settings):
    spy = Spy(**vars(make_trainer(folds=2, repeats=1, max_epochs=2, report=report)))
    return fit_augmented(make_model(), data, spy, replace(SETTINGS, **settings)), spy.drawn


@pytest.mark.parametrize("kind", ["noise", "normal"])
def test_the_second_training_has_as_many_drawn_rows_as_asked_for(kind):
    data = open_data()

    result, (first, ((x, y, _),)) = augmented(data, kind=kind)

    assert first == []
    assert x.shape == y.shape == (15, 2)
    np.testing.assert_array_equal(result.before, data.x[data.fold.fitting])
    np.testing.assert_array_equal(result.after, np.concatenate([result.before, x]))
    assert not np.isclose(result.base.model.predict(data.x), result.fitted.model.predict(data.x)).all()


def test_only_the_second_training_is_reported_on():
    reported = []

    def report(metrics, epoch):
        reported.append((epoch, sorted(metrics)))
        return False

    augmented(open_data(), report=report)

    assert reported == [(epoch, ["train/loss", "val/loss", "val/mae", "val/mse"]) for epoch in range(2)]


def test_rows_are_drawn_around_the_folds_own_rows_and_labelled_by_its_base_network():
    data = open_data(split=KFOLD, groups="sample")
    data.frame["sample"] = np.arange(len(data.x)).astype(str)  # a row has no spread of its own: drawn rows repeat it

    result, (_, drawn) = augmented(data)

    for (x, y, _), fold, base in zip(drawn, data.folds, result.base.folds, strict=True):
        own = {tuple(row) for row in data.x[fold.fitting]}
        assert {tuple(row) for row in x} <= own
        np.testing.assert_array_equal(y, base.model.predict(x))


@pytest.mark.parametrize(("groups", "constant"), [("series", True), (None, True), ("replicate", False)])
def test_z_scores_are_taken_within_the_groups_or_else_the_series(groups, constant):
    split = {"kind": "transfer", "train": {"series": ["Sr", "NS"]}, "test": {"series": ["QS"]}}
    split |= {"validation": 0.2, "bins": 5, "seed": 0}
    data = open_data(groups=groups, series=["Sr", "NS", "QS"], split=split)  # all Sr samples have x = .06

    _, (_, ((x, *_),)) = augmented(data, n_augmented=60)

    assert np.isclose(x[:, 0], 0.06, atol=1e-12).any() == constant


def test_each_fold_draws_for_itself_and_a_seed_gives_the_same_rows():
    data = open_data(split=KFOLD)

    first, again, other = (augmented(data, seed=seed)[1][1] for seed in (3, 3, 9))

    for (x, y, _), (x_again, y_again, _) in zip(first, again, strict=True):
        np.testing.assert_array_equal(x, x_again)
        np.testing.assert_array_equal(y, y_again)
    assert len({array.tobytes() for array, *_ in [*first, *other]}) == 6


def test_drawn_rows_are_never_validated_or_tested_on():
    data = open_data(split=KFOLD)

    result, _ = augmented(data)

    for fold, own in zip(result.fitted.folds, data.folds, strict=True):
        np.testing.assert_array_equal(fold.predicted["val"][0], own.fitting)
        np.testing.assert_array_equal(fold.predicted["test"][0], own.test)


def test_inputs_are_tested_for_normality_and_drawn_against_measured_ones():
    data = open_data()

    result, (_, ((x, *_),)) = augmented(data)

    assert result.tests.keys() == {"shapiro_p/x", "shapiro_p/lph_slope", "ks_p/x", "ks_p/lph_slope"}
    for column, name in enumerate(["x", "lph_slope"]):
        before = result.before[:, column]
        assert result.tests[f"shapiro_p/{name}"] == stats.shapiro(before).pvalue
        assert result.tests[f"ks_p/{name}"] == stats.ks_2samp(before, x[:, column]).pvalue


def test_models_that_agree_have_no_difference_and_others_theirs_in_standard_deviations():
    data = open_data()

    same = agreement(data.y, data.y, data)
    shifted = agreement(data.y, data.y + 0.5 * data.y.std(axis=0), data)

    for target in data.targets:
        assert same[f"agreement/{target}/r2"] == 1
        assert same[f"agreement/{target}/mae"] == 0
        assert shifted[f"agreement/{target}/mae"] == pytest.approx(0.5)
        assert shifted[f"agreement/{target}/rmse"] == pytest.approx(0.5)


def test_the_agreement_on_one_target_has_no_target_in_its_name():
    data = open_data(target="d33")

    assert agreement(data.y, data.y, data).keys() == {"agreement/r2", "agreement/rmse", "agreement/mae"}
