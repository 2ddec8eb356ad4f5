import numpy as np
import pytest
import torch
from small_chain_data import NETWORKS, ONE, SCALES, fit, make_scales, open_chain, same, weights_of

DROPOUT = {"encoder": NETWORKS["encoder"] | {"dropout": 0.2}}
VARIATIONAL = {"encoder": NETWORKS["encoder"] | {"variational": True}, "regularizers": {"kl": 0.01}}


class PowerCutError(Exception):
    """Raised between two epochs."""


def interrupt(key, epoch):
    def log(metrics, now):
        if key in metrics and now == epoch:
            raise PowerCutError

    return log


def assert_same(first, second):
    assert list(first.fits) == list(second.fits)
    for name, on_scale in first.fits.items():
        other = second.fits[name]
        assert on_scale.members.equals(other.members)
        assert on_scale.epochs == other.epochs
        for finer in on_scale.stacked.scales:
            assert same(weights_of(first, name, of=finer), weights_of(second, name, of=finer))
        for fold, other_fold in zip(on_scale.folds, other.folds, strict=True):
            for part, (_, values) in fold.predicted.items():
                np.testing.assert_allclose(other_fold.predicted[part][1], values, rtol=1e-6)


@pytest.mark.parametrize(
    ("networks", "cut", "epoch", "seconds", "left"),
    [
        ({}, "train/middle/loss", 0, 1e9, ["fine"]),
        ({}, "train/coarse/loss", 1, 0.0, ["coarse", "fine", "middle"]),
        (DROPOUT, "train/middle/loss", 2, 0.0, ["fine", "middle"]),
        (VARIATIONAL, "train/middle/loss", 1, 0.0, ["fine", "middle"]),
    ],
    ids=["after a scale", "within the last", "with dropout", "variational"],
)
def test_a_resumed_chain_is_that_of_an_uninterrupted_run(tmp_path, networks, cut, epoch, seconds, left):
    names = SCALES if "coarse" in left else ["fine", "middle"]
    data, path, logged = open_chain(make_scales(names=names, every=networks), split=ONE), tmp_path / "last.ckpt", []
    whole = fit(data)

    with pytest.raises(PowerCutError):
        fit(data, checkpoint=path, seconds=seconds, log=interrupt(cut, epoch))
    assert sorted(file.stem for file in tmp_path.iterdir()) == left
    torch.manual_seed(99)
    resumed = fit(data, checkpoint=path, log=lambda metrics, _: logged.extend(metrics))

    assert_same(resumed, whole)
    assert not [key for key in logged if "fine" in key]  # nothing was trained twice


def test_tuning_goes_on_where_it_was_interrupted(tmp_path):
    data, path, tuned = (
        open_chain(make_scales(names=["fine", "middle"]), split=ONE),
        tmp_path / "last.ckpt",
        {"fine_tune_epochs": 3},
    )
    whole = fit(data, model=tuned)

    cut = interrupt("fine_tuning/middle/train/loss", 2)

    with pytest.raises(PowerCutError):
        fit(data, model=tuned, checkpoint=path, seconds=0.0, log=cut)
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["fine", "middle", "middle_fine_tuning"]
    torch.manual_seed(99)

    assert_same(fit(data, model=tuned, checkpoint=path), whole)


def test_a_chain_that_is_complete_is_not_trained_again(tmp_path):
    data, path = open_chain(make_scales(names=["fine", "middle"]), split=ONE), tmp_path / "last.ckpt"
    model = {"fine_tune_epochs": 2}
    whole, logged = fit(data, model=model, checkpoint=path), []

    again = fit(data, model=model, checkpoint=path, log=lambda metrics, _: logged.extend(metrics))

    assert_same(again, whole)
    assert logged == []
