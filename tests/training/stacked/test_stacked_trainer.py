import numpy as np
import pytest
import torch
from memoriser import UNKNOWN, Memoriser
from small_ensemble import fit
from small_training import KFOLD, SPLIT, open_data

from remanence.models.stacked import select
from remanence.science.conformal import conformal_half_width
from remanence.training.score import regression_metrics

ONE = {"kind": "stratified", **SPLIT}
TWICE = KFOLD | {"repeats": 2}


def distinct_rows(split):
    """Return a table in which no two rows have the same inputs."""
    data = open_data(split=split)
    assert len(np.unique(data.x.astype(np.float32), axis=0)) == len(data.x)
    return data


def half_width(fitted, x):
    """Return the half width of the intervals of rows, shape (rows, targets)."""
    return fitted.predict_with_half_width(x)[1]


@pytest.mark.parametrize("per_target", [True, False])
@pytest.mark.parametrize("split", [ONE, KFOLD, TWICE], ids=["one fold", "three folds", "three folds twice"])
@pytest.mark.parametrize("folds", [1, 3])
def test_nothing_that_is_held_out_is_predicted_by_a_member_that_trained_on_it(split, folds, per_target):
    data = distinct_rows(split)

    fitted = fit(data, Memoriser(n_features=2, n_targets=2), folds=folds, per_target=per_target, max_epochs=1)

    assert len(fitted.folds) == len(data.folds)
    for fold, result in zip(data.folds, fitted.folds, strict=True):
        for part, rows in (("val", fold.fitting if folds == 3 else fold.validation), ("test", fold.test)):
            np.testing.assert_array_equal(result.predicted[part][0], rows)
            assert (result.predicted[part][1] == UNKNOWN).all()
        trained, predicted = result.predicted["train"]
        np.testing.assert_array_equal(trained, fold.fitting if folds == 3 else fold.train)
        np.testing.assert_allclose(predicted, data.y[trained], rtol=1e-6)
        assert (result.model.predict(data.x[fold.test]) == UNKNOWN).all()


@pytest.mark.parametrize("per_target", [True, False])
def test_a_validation_prediction_is_the_mean_of_the_members_that_validated_on_the_row(per_target):
    data = open_data()

    fitted = fit(data, per_target=per_target)

    rows, predicted = fitted.folds[0].predicted["val"]
    x = torch.as_tensor(data.x, dtype=torch.float32)
    for column, target in enumerate(data.targets):
        own = fitted.members[fitted.members["target"] == target]
        for row, value in zip(rows, predicted[:, column], strict=True):
            held_out = own[[str(row) in text.split() for text in own["validated_on"]]]
            assert len(held_out) == 2  # once per repetition
            with torch.no_grad():
                members = select(fitted.model.members, held_out["member"].tolist())(x[row].expand(2, 1, 2))
            assert members[..., 0 if per_target else column].mean().item() == pytest.approx(value, rel=1e-5)


def test_half_widths_are_calibrated_on_the_validation_residuals():
    data = open_data()

    fitted = fit(data, coverage=0.8)

    rows, predicted = fitted.folds[0].predicted["val"]
    expected = [conformal_half_width(column, 0.8) for column in (data.y[rows] - predicted).T]
    tested = data.folds[0].test
    widths = np.tile(expected, (len(tested), 1))
    np.testing.assert_allclose(half_width(fitted, data.x[tested]), widths)
    np.testing.assert_allclose(fitted.folds[0].half_width, widths)


def test_over_several_folds_the_kept_ensemble_is_calibrated_on_every_held_out_row():
    data = open_data(split=TWICE)

    fitted = fit(data)

    total = np.zeros_like(data.y)
    for fold in fitted.folds:
        rows, predicted = fold.predicted["test"]
        total[rows] += predicted
    expected = [conformal_half_width(column, 0.9) for column in (data.y - total / 2).T]
    np.testing.assert_allclose(half_width(fitted, data.x), np.tile(expected, (len(data.x), 1)))
    means = [fold.model.predict(data.x) for fold in fitted.folds]
    np.testing.assert_allclose(fitted.model.predict(data.x), np.mean(means, axis=0), rtol=1e-5)


@pytest.mark.parametrize(("validation", "known"), [(0.2, False), (0.25, False), (0.26, True), (0.5, True)])
def test_with_fewer_than_9_calibration_rows_there_is_no_interval(validation, known):
    data = open_data(split=ONE | {"validation": validation})
    assert (len(data.fold.validation) >= 9) is known

    fitted = fit(data, folds=1, max_epochs=1)

    assert np.isfinite(half_width(fitted, data.x[:1])).tolist() == [[known, known]]


def test_the_table_of_members_tells_what_each_one_did():
    data = open_data(split=KFOLD)

    fitted = fit(data, max_epochs=4)

    members = fitted.members
    assert len(members) == 3 * 2 * 3 * 2  # outer folds, targets, inner folds, repetitions
    assert members["seed"].nunique() == members["member"].nunique() == 36
    assert members.groupby("fold")["target"].value_counts().tolist() == [6] * 6
    for _, row in members.iterrows():
        validated = [int(number) for number in row["validated_on"].split()]
        assert set(validated) <= set(data.folds[row["fold"]].fitting)
        assert row["val_loss"] == fitted.history["val/loss"][1][:, row["member"]].min()
        test, column = data.folds[row["fold"]].test, data.targets.index(row["target"])
        with torch.no_grad():
            x = torch.as_tensor(data.x[test], dtype=torch.float32)[None]
            predicted = select(fitted.model.members, [row["member"]])(x)[0, :, 0].double().numpy()
        metrics = regression_metrics(data.y[test, column], predicted)
        assert [row[f"test_{key}"] for key in metrics] == pytest.approx(list(metrics.values()), rel=1e-4)


def test_histories_hold_every_epoch_of_every_member():
    logged = []

    fitted = fit(open_data(), max_epochs=4, log=lambda metrics, epoch: logged.append((epoch, set(metrics))))

    assert logged == [(epoch, {"train/loss", "val/loss"}) for epoch in range(4)]
    assert fitted.epochs == 4
    for name in ("train/loss", "val/loss"):
        epochs, losses = fitted.history[name]
        assert epochs.tolist() == [0, 1, 2, 3]
        assert losses.shape == (4, 12)
