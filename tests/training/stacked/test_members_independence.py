"""What a member of an ensemble must not notice."""

import numpy as np
import pytest
import torch
from memoriser import UNKNOWN, Memoriser
from small_ensemble import fit, make_trainer
from small_training import KFOLD, make_model, open_data

from remanence.training.stacked.members import ALL_TARGETS, plan_members
from remanence.training.stacked.stacked_trainer import Drawn, _with_drawn


def test_a_target_with_networks_of_its_own_does_not_notice_the_values_of_another():
    data, changed = open_data(), open_data()
    changed.y[:, 1] = np.random.default_rng(0).normal(0, 1e4, len(changed.y))

    first, second = fit(data), fit(changed)

    for part in ("train", "val", "test"):
        own, other = (fitted.folds[0].predicted[part][1] for fitted in (first, second))
        np.testing.assert_array_equal(own[:, 0], other[:, 0])
        assert not np.isclose(own[:, 1], other[:, 1]).any()
    np.testing.assert_array_equal(first.folds[0].half_width[:, 0], second.folds[0].half_width[:, 0])
    together, changed_together = (fit(table, per_target=False).model.predict(data.x) for table in (data, changed))
    assert not np.isclose(together[:, 0], changed_together[:, 0]).all()


def test_an_outer_fold_does_not_notice_the_others_test_rows():
    data, changed = open_data(split=KFOLD), open_data(split=KFOLD)
    tested = data.folds[1].test
    changed.y[tested] *= 3

    first, second = (fit(table).folds[1].predicted["test"][1] for table in (data, changed))

    np.testing.assert_array_equal(first, second)


def test_the_untrained_model_stays_as_it_is_and_gives_the_members_their_arguments():
    model = make_model(hidden=[5])
    before = {name: value.clone() for name, value in model.state_dict().items()}

    fitted = fit(open_data(), model)

    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert fitted.model.hparams["arguments"]["hidden"] == [5]
    assert fitted.model.hparams["arguments"]["n_targets"] == 1
    assert fitted.model.hparams["targets"] == [0] * 6 + [1] * 6


def test_a_seed_gives_the_same_ensemble_whatever_was_drawn_before():
    data = open_data()

    first = fit(data).model.predict(data.x)
    torch.manual_seed(99)
    np.random.seed(99)

    np.testing.assert_array_equal(fit(data).model.predict(data.x), first)
    assert not np.isclose(fit(data, seed=1).model.predict(data.x), first).all()


@pytest.mark.parametrize("folds", [1, 3])
def test_drawn_rows_are_trained_on_by_their_own_fold_only(folds):
    data = open_data(split=KFOLD)
    drawn = [
        Drawn(np.full((4, 2), 10.0 + number), np.full((4, 2), float(number)), fold.train[:4])
        for number, fold in enumerate(data.folds)
    ]

    fitted = fit(data, Memoriser(n_features=2, n_targets=2), drawn=drawn, folds=folds, max_epochs=1)

    for number, result in enumerate(fitted.folds):
        for other, (x, y, _) in enumerate(drawn):
            expected = y if other == number else np.full_like(y, UNKNOWN)
            np.testing.assert_array_equal(result.model.predict(x), expected)
        rows, predicted = result.predicted["val"]
        assert rows.max() < len(data.x)
        assert (predicted == UNKNOWN).all()


def test_a_training_on_drawn_rows_logs_curves_of_its_own():
    logged = []
    trainer = make_trainer(log=lambda metrics, epoch: logged.append(set(metrics)), max_epochs=2)

    trainer.fit(make_model(), open_data(), [Drawn(np.ones((3, 2)), np.ones((3, 2)), np.arange(3))])

    assert logged == [{"augmented/train/loss", "augmented/val/loss"}] * 2


@pytest.mark.parametrize("per_target", [True, False])
@pytest.mark.parametrize("repeats", [1, 3])
def test_every_row_outside_the_test_validates_once_in_each_repetition(repeats, per_target):
    data = open_data(split=KFOLD)

    members = plan_members(data, folds=4, repeats=repeats, per_target=per_target, seed=0)

    assert len({member.seed for member in members}) == len(members) == 3 * 4 * repeats * (2 if per_target else 1)
    for number, fold in enumerate(data.folds):
        for target in (0, 1) if per_target else (ALL_TARGETS,):
            own = [member for member in members if (member.fold, member.target) == (number, target)]
            validated = np.concatenate([member.validation for member in own])
            np.testing.assert_array_equal(np.sort(validated), np.sort(np.tile(fold.fitting, repeats)))
            for member in own:
                np.testing.assert_array_equal(np.sort([*member.train, *member.validation]), fold.fitting)
            for first, again in zip(own, own[4:], strict=False):  # repetitions differ in their seed only
                np.testing.assert_array_equal(first.train, again.train)


def test_members_of_another_run_have_other_seeds():
    data = open_data()
    first, again, other = (
        {member.seed for member in plan_members(data, folds=3, repeats=2, per_target=True, seed=seed)}
        for seed in (0, 0, 1)
    )

    assert first == again
    assert not first & other


def test_families_stay_together_in_every_member():
    data = open_data(groups="sample")

    for member in plan_members(data, folds=3, repeats=2, per_target=False, seed=0):
        families = data.frame["sample"].to_numpy()
        assert not set(families[member.train]) & set(families[member.validation])


def test_a_member_trains_on_no_row_drawn_around_one_that_it_is_validated_on():
    data = open_data()
    origin = data.folds[0].fitting
    members = plan_members(data, folds=3, repeats=1, per_target=False, seed=0)
    drawn = Drawn(data.x[origin] + 1.0, data.y[origin], origin)

    _, _, added = _with_drawn(data, members, [drawn])

    for before, after in zip(members, added, strict=True):
        around = origin[np.setdiff1d(after.train, before.train) - len(data.x)]
        np.testing.assert_array_equal(around, before.train)
