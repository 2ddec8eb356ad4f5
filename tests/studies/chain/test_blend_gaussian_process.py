from dataclasses import replace

import numpy as np
import pytest
import torch
from small_chain_data import HEAD, ONE, SPLIT, fit, make_scales, open_chain

from remanence.data.splits import make_folds
from remanence.models.blended import Blended
from remanence.models.ensemble import Ensemble
from remanence.models.gaussian_head import GaussianHead
from remanence.science.conformal import conformal_half_width

TARGETS = ["y", "x3"]
BLENDED = make_scales(names=["fine"], fine={"heads": {"all": HEAD | {"columns": TARGETS}}, "gaussian_process": True})


def blend(split=SPLIT, **arguments):
    """Return the rows of one scale, with a smooth target and one that is noise, and its fit before and after."""
    data = open_chain(BLENDED, split=split)
    on_scale = data.rows["fine"]
    on_scale.y[:, 0] = 3 * on_scale.x[:, 0] + on_scale.x[:, 1] ** 2
    on_scale.learnt[:] = on_scale.y
    fitted = fit(data, **{"max_epochs": 25, **arguments})
    return on_scale, fitted.networks["fine"], fitted.fits["fine"]


@pytest.fixture(scope="module")
def blended():
    return blend()


@pytest.fixture(scope="module")
def single():
    return blend(ONE, folds=1)


def half_width(fitted, x):
    """Return the half width of the intervals of rows by the model of a fit or a fold, shape (rows, targets)."""
    return fitted.model.half_width(x, fitted.model.predict(x))


def processes_of(on_scale, rows):
    return [GaussianHead(n_features=2, n_rows=len(rows)).fit(on_scale.x[rows], column) for column in on_scale.y[rows].T]


@pytest.mark.parametrize("kind", ["blended", "single"])
def test_the_share_of_the_process_has_the_least_error_on_rows_that_neither_has_seen(kind, request):
    on_scale, before, after = request.getfixturevalue(kind)

    for networks, result, fold in zip(before.folds, after.folds, on_scale.folds, strict=True):
        rows, unseen = networks.predicted["val"]
        known = np.sort(fold.fitting)
        processes = processes_of(on_scale, known)
        for column, process in enumerate(processes):
            left_out = process.left_out_[np.isin(known, rows)]
            errors = [
                np.abs((1 - w) * unseen[:, column] + w * left_out - on_scale.y[rows, column]).mean()
                for w in np.linspace(0, 1, 21)
            ]
            share = result.model.hparams["weights"][column]
            assert share == pytest.approx(np.argmin(errors) / 20)
            values = result.predicted["val"][1][:, column]
            np.testing.assert_allclose(values, (1 - share) * unseen[:, column] + share * left_out, rtol=1e-6)
            expected = conformal_half_width(on_scale.y[rows, column] - values, 0.9)
            np.testing.assert_allclose(result.half_width[:, column], expected)
            np.testing.assert_allclose(half_width(result, on_scale.x)[:, column], expected)
    shares = np.array([result.model.hparams["weights"] for result in after.folds])
    assert (shares[:, 0] > 0.5).all()  # smooth: the process is better than a few epochs


@pytest.mark.parametrize("kind", ["blended", "single"])
def test_a_process_is_fitted_to_all_rows_but_the_test(kind, request):
    on_scale, before, after = request.getfixturevalue(kind)

    for networks, result, fold in zip(before.folds, after.folds, on_scale.folds, strict=True):
        processes = processes_of(on_scale, np.sort(fold.fitting))
        share = np.array(result.model.hparams["weights"])
        assert isinstance(result.model, Blended)
        for part in ("train", "test"):
            rows, values = result.predicted[part]
            with torch.no_grad():
                smooth = np.stack([process(torch.as_tensor(on_scale.x[rows])).numpy() for process in processes], axis=1)
            np.testing.assert_array_equal(rows, networks.predicted[part][0])
            np.testing.assert_allclose(values, (1 - share) * networks.predicted[part][1] + share * smooth, atol=1e-6)
        rows, values = result.predicted["test"]
        np.testing.assert_allclose(result.model.predict(on_scale.x[rows]), values, rtol=1e-5, atol=1e-5)


def test_over_several_folds_the_kept_model_has_their_mean_share_and_every_row(blended):
    on_scale, before, after = blended

    shares = [result.model.hparams["weights"] for result in after.folds]
    total = np.empty_like(on_scale.y)
    for result in after.folds:
        rows, values = result.predicted["test"]
        total[rows] = values
    np.testing.assert_allclose(after.model.hparams["weights"], np.mean(shares, axis=0))
    expected = [conformal_half_width(column, 0.9) for column in (on_scale.y - total).T]
    np.testing.assert_allclose(half_width(after, on_scale.x), np.tile(expected, (len(on_scale.x), 1)))
    assert after.model.ensemble is before.model
    assert [len(process.inputs) for process in after.model.processes] == [120, 120]


def test_of_a_single_fold_its_own_model_is_kept(single):
    data, before, after = single

    assert after.model is after.folds[0].model
    assert after.model.ensemble is before.model
    tested = after.folds[0].predicted["test"][0]
    np.testing.assert_array_equal(half_width(after, data.x[tested]), after.folds[0].half_width)


def test_what_the_networks_predict_stays_beside_it(blended):
    _, before, after = blended

    assert isinstance(before.model, Ensemble)
    assert after.members is before.members
    assert after.stacked is before.stacked
    assert after.epochs == before.epochs
    for networks, result in zip(before.folds, after.folds, strict=True):
        assert set(networks.predicted) == set(result.predicted) == {"train", "val", "test"}


def test_a_chain_with_a_process_finds_its_networks():
    scales = make_scales(names=["fine", "middle"], fine={"gaussian_process": True})

    fitted = fit(open_chain(scales, split=ONE), max_epochs=1)

    assert list(fitted.networks) == ["fine"]
    assert fitted.ensemble("fine") is fitted.fits["fine"].model.ensemble
    assert fitted.ensemble("middle") is fitted.fits["middle"].model
    assert fitted.reference("fine") in range(2)


def test_families_that_are_held_out_as_a_whole_are_left_out_as_a_whole():
    data = open_chain(BLENDED)
    on_scale = data.rows["fine"]
    families = np.arange(120) // 3
    on_scale.rows = replace(on_scale.rows, groups=families.astype(str))
    on_scale.folds = make_folds(on_scale.rows, kind="grouped", folds=2, validation=0.2, bins=5, seed=0)

    fitted = fit(data, max_epochs=2)

    for networks, result in zip(fitted.networks["fine"].folds, fitted.fits["fine"].folds, strict=True):
        rows, unseen = networks.predicted["val"]
        process = GaussianHead(n_features=2, n_rows=len(rows)).fit(
            on_scale.x[rows], on_scale.y[rows, 0], families[rows]
        )
        share = result.model.hparams["weights"][0]
        expected = (1 - share) * unseen[:, 0] + share * process.left_out_
        np.testing.assert_allclose(result.predicted["val"][1][:, 0], expected, rtol=1e-6)
