from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_lightning import Callback
from small_training import checkpoint_of, same, weights_of
from small_unmixing import LINEAR, SHORT, STAGED, Diary, open_toy, train

from remanence.training.options import Cyclical

CALIBRATED = replace(STAGED, l1=True, reset_optimizer=True, reload_best=True)
REFINED = replace(LINEAR, cosine=True, wanted=None)
CYCLICAL = Cyclical(kind="cyclical", peak=0.5, cycle_epochs=2, refine_epochs=4, **SHORT | {"wanted": 3})
CUTS = {
    "refined": (REFINED, [1, 2, 3, 4, 6, 7, 9]),
    "calibrated": (CALIBRATED, [1, 2, 4, 7]),
    "cyclical": (CYCLICAL, [3, 6]),
}
"""In the warm-up, first of the rise, within a stage, first of a stage, first of the refinement, later, last."""


class PowerCut(Callback):
    """Ends a training in the middle of an epoch."""

    def __init__(self, epoch, how):
        self.epoch, self.how = epoch, how

    def on_train_batch_end(self, trainer, *_):
        if trainer.current_epoch == self.epoch and trainer.fit_loop.epoch_loop.batch_idx == 1:
            raise self.how


@pytest.fixture(scope="module")
def data():
    return open_toy()


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """Train without an interruption, once for each schedule."""
    known = {}

    def trained(schedule):
        key = repr(schedule)
        if key not in known:
            diary = Diary()
            known[key] = (*train(data, tmp_path_factory.mktemp("whole"), schedule, watchers=[diary]), diary)
        return known[key]

    return trained


def cut(data, folder, schedule, epoch, *, how=None, **arguments):
    """Begin a training that ends with an exception in an epoch."""
    how = how or RuntimeError("power cut")
    with pytest.raises((type(how), SystemExit)):
        train(data, folder, schedule, watchers=[PowerCut(epoch, how)], **arguments)
    return folder / "last.ckpt"


def assert_same_training(resumed, uninterrupted):
    """Compare all that a training leaves, to the last bit."""
    (one, trainer, staging), (other, other_trainer, other_staging) = resumed, uninterrupted
    assert same(weights_of(one.model), weights_of(other.model))
    assert staging.state_dict() == other_staging.state_dict()
    assert (one.best_epoch, one.epochs) == (other.best_epoch, other.epochs)
    assert checkpoint_of(trainer).best_score == checkpoint_of(other_trainer).best_score
    assert trainer.global_step == other_trainer.global_step
    for array in ("embedding", "reconstruction", "kl", "kl_history", "beta_history"):
        np.testing.assert_array_equal(getattr(one, array), getattr(other, array))
    folder, other_folder = (checkpoint_of(each).folder for each in (trainer, other_trainer))
    kept = sorted(path.name for path in folder.glob("*.ckpt"))
    assert kept == sorted(path.name for path in other_folder.glob("*.ckpt"))
    for name in kept:
        weights, other_weights = (torch.load(place / name, weights_only=True) for place in (folder, other_folder))
        assert same(weights.get("state_dict", weights), other_weights.get("state_dict", other_weights)), name


@pytest.mark.parametrize(("name", "epoch"), [(name, epoch) for name, (_, epochs) in CUTS.items() for epoch in epochs])
def test_a_training_cut_off_in_any_stage_ends_as_an_uninterrupted_one(data, tmp_path, whole, name, epoch):
    schedule, _ = CUTS[name]
    *uninterrupted, diary = whole(schedule)
    again = Diary()

    last = cut(data, tmp_path, schedule, epoch)
    resumed = train(data, tmp_path, schedule, seed=99, resume_from=last, watchers=[again])

    assert_same_training(resumed, uninterrupted)
    assert again.beta == diary.beta[epoch:]
    assert again.l1 == diary.l1[epoch:]
    assert again.lr == diary.lr[4 * epoch :]
    assert again.moments == diary.moments[epoch:]
    assert again.metrics == diary.metrics[epoch:]


@pytest.mark.parametrize("epoch", [3, 6])
def test_a_training_stopped_from_the_keyboard_ends_as_an_uninterrupted_one(data, tmp_path, whole, epoch):
    last = cut(data, tmp_path, REFINED, epoch, how=KeyboardInterrupt())

    resumed = train(data, tmp_path, REFINED, seed=99, resume_from=last)

    assert_same_training(resumed, whole(REFINED)[:3])


def test_a_training_cut_off_in_every_epoch_ends_as_an_uninterrupted_one(data, tmp_path, whole):
    last = cut(data, tmp_path, REFINED, 1)
    for epoch in range(2, 10):
        cut(data, tmp_path, REFINED, epoch, seed=epoch, resume_from=last)

    resumed = train(data, tmp_path, REFINED, seed=99, resume_from=last)

    assert_same_training(resumed, whole(REFINED)[:3])


def test_an_old_checkpoint_repeats_the_stages_after_it(data, tmp_path, whole):
    last = cut(data, tmp_path, REFINED, 3)
    old = tmp_path / "old.ckpt"
    old.write_bytes(last.read_bytes())
    cut(data, tmp_path, REFINED, 8, seed=1, resume_from=last)

    resumed = train(data, tmp_path, REFINED, seed=99, resume_from=old)

    old.unlink()
    assert_same_training(resumed, whole(REFINED)[:3])


@pytest.mark.parametrize("schedule", [REFINED, CALIBRATED], ids=["refined", "calibrated"])
def test_resuming_a_training_that_is_complete_changes_nothing(data, tmp_path, whole, schedule):
    train(data, tmp_path, schedule)

    resumed = train(data, tmp_path, schedule, seed=99, resume_from=tmp_path / "last.ckpt")

    assert_same_training(resumed, whole(schedule)[:3])
