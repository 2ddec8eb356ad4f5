import pytest
import torch
from pytorch_lightning import Callback
from pytorch_lightning.strategies import SingleDeviceStrategy
from small_training import checkpoint_of, make_model, make_trainer, open_data, same, weights_of

from remanence.training.fit import fit

OPTIMIZERS = [{"optimizer": "adam", "lr": 0.1}, {"optimizer": "sgd", "lr": 0.1}, {"optimizer": "rmsprop", "lr": 0.01}]


class PowerCut(Callback):
    """Ends a training in the middle of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_train_batch_end(self, trainer, *_):
        if trainer.current_epoch == self.epoch and trainer.fit_loop.epoch_loop.batch_idx == 1:
            raise RuntimeError("power cut")


@pytest.fixture(scope="module")
def data():
    return open_data()


def train(data, folder, *, seed=0, resume_from=None, cut=None, max_epochs=6, model=(), **callbacks):
    network = make_model(seed, **dict(model))
    trainer = make_trainer(folder, max_epochs=max_epochs, checkpoint_seconds=0.0, **callbacks)
    if cut is not None:
        trainer.callbacks.insert(0, PowerCut(cut))
        with pytest.raises(RuntimeError, match="power cut"):
            fit(network, data, trainer)
    else:
        fit(network, data, trainer, resume_from=resume_from)
    return network, trainer


def assert_same_training(first, second):
    (one, trainer), (other, other_trainer) = first, second
    assert same(weights_of(one), weights_of(other))
    assert trainer.current_epoch == other_trainer.current_epoch
    assert trainer.global_step == other_trainer.global_step
    assert checkpoint_of(trainer).best_epoch == checkpoint_of(other_trainer).best_epoch
    assert checkpoint_of(trainer).best_score == checkpoint_of(other_trainer).best_score
    last, other_last = (
        torch.load(checkpoint_of(trained).folder / "last.ckpt", weights_only=True)["state_dict"]
        for trained in (trainer, other_trainer)
    )
    assert same(last, other_last)


@pytest.mark.parametrize("model", OPTIMIZERS, ids=lambda model: model["optimizer"])
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_longer_training_resumed_from_a_shorter_one_has_identical_weights(data, tmp_path, model, epochs):
    whole = train(data, tmp_path / "whole", model=model)

    train(data, tmp_path / "parts", max_epochs=epochs, model=model)
    resumed = train(data, tmp_path / "parts", seed=99, resume_from=tmp_path / "parts" / "last.ckpt", model=model)

    assert_same_training(resumed, whole)


@pytest.mark.parametrize("model", OPTIMIZERS, ids=lambda model: model["optimizer"])
@pytest.mark.parametrize("epoch", [1, 4])
def test_a_training_cut_off_within_an_epoch_repeats_it_with_identical_weights(data, tmp_path, model, epoch):
    whole = train(data, tmp_path / "whole", model=model)

    train(data, tmp_path / "parts", cut=epoch, model=model)
    resumed = train(data, tmp_path / "parts", seed=99, resume_from=tmp_path / "parts" / "last.ckpt", model=model)

    assert_same_training(resumed, whole)


@pytest.fixture
def restored_late(monkeypatch):
    """Let Lightning restore weights and callbacks after the fit has started, as it does where weights are sharded."""
    monkeypatch.setattr(SingleDeviceStrategy, "restore_checkpoint_after_setup", True)


@pytest.mark.usefixtures("restored_late")
@pytest.mark.parametrize(("cut", "patience"), [(4, None), (None, 2)], ids=["cut off", "stopped early"])
def test_a_training_that_is_restored_late_has_identical_weights(data, tmp_path, cut, patience):
    arguments = {"max_epochs": 12, "patience": patience, "model": {"lr": 0.5}}
    whole = train(data, tmp_path / "whole", **arguments)

    train(data, tmp_path / "parts", cut=cut, **arguments)
    resumed = train(data, tmp_path / "parts", seed=99, resume_from=tmp_path / "parts" / "last.ckpt", **arguments)

    assert_same_training(resumed, whole)


def test_a_training_cut_off_twice_has_identical_weights(data, tmp_path):
    whole = train(data, tmp_path / "whole")

    train(data, tmp_path / "parts", cut=2)
    last = tmp_path / "parts" / "last.ckpt"
    train(data, tmp_path / "parts", seed=98, max_epochs=4, resume_from=last)
    resumed = train(data, tmp_path / "parts", seed=99, resume_from=last)

    assert_same_training(resumed, whole)


def test_patience_is_counted_across_the_interruption(data, tmp_path):
    stuck = {"lr": 1e-30}
    whole = train(data, tmp_path / "whole", max_epochs=50, patience=4, model=stuck)
    assert whole[1].current_epoch == 5

    train(data, tmp_path / "parts", max_epochs=50, patience=4, cut=3, model=stuck)
    last = tmp_path / "parts" / "last.ckpt"
    resumed = train(data, tmp_path / "parts", seed=99, max_epochs=50, patience=4, resume_from=last, model=stuck)

    assert_same_training(resumed, whole)


@pytest.mark.parametrize("callbacks", [{"patience": None}, {"patience": 2}], ids=["last epoch", "early stopping"])
def test_resuming_a_training_that_is_complete_changes_nothing(data, tmp_path, callbacks):
    arguments = {"max_epochs": 12, "model": {"lr": 0.5}, **callbacks}
    whole = train(data, tmp_path / "whole", **arguments)
    assert 0 < checkpoint_of(whole[1]).best_epoch < whole[1].current_epoch - 1

    train(data, tmp_path / "parts", **arguments)
    resumed = train(data, tmp_path / "parts", seed=99, resume_from=tmp_path / "parts" / "last.ckpt", **arguments)

    assert_same_training(resumed, whole)
