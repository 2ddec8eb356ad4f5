import numpy as np
import pytest
import torch
from pytorch_lightning import Callback
from small_training import checkpoint_of, make_model, make_trainer, open_data, same, weights_of

from remanence.training.checkpoint import Checkpoint
from remanence.training.fit import fit


class Diary(Callback):
    """The weights and the monitored loss after each epoch."""

    def __init__(self):
        self.losses, self.weights = [], []

    def on_validation_end(self, trainer, pl_module):
        self.losses.append(float(trainer.callback_metrics["val/loss"]))
        self.weights.append(weights_of(pl_module))


@pytest.fixture(scope="module")
def data():
    return open_data()


def trained(data, folder, *, max_epochs=12, lr=0.5, **callbacks):
    """Train with a learning rate that makes the loss go up and down."""
    model, trainer, diary = make_model(lr=lr), make_trainer(folder, max_epochs=max_epochs, **callbacks), Diary()
    trainer.callbacks.insert(0, diary)
    fit(model, data, trainer)
    return model, trainer, diary


def load(path):
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize(("mode", "best"), [("min", np.argmin), ("max", np.argmax)])
def test_a_training_ends_with_the_weights_of_its_best_epoch(data, tmp_path, mode, best):
    model, trainer, diary = trained(data, tmp_path, mode=mode)

    epoch = best(diary.losses)
    assert 0 < epoch < len(diary.losses) - 1 or mode == "max"
    assert checkpoint_of(trainer).best_epoch == epoch
    assert checkpoint_of(trainer).best_score == diary.losses[epoch]
    assert same(weights_of(model), diary.weights[epoch])
    assert not same(weights_of(model), diary.weights[-1])


def test_a_training_that_says_when_it_ends_ends_with_its_last_weights(data, tmp_path):
    model, trainer, diary = trained(data, tmp_path, weights="last")

    assert np.argmin(diary.losses) < 11
    assert checkpoint_of(trainer).best_epoch == 11
    assert same(weights_of(model), diary.weights[-1])


def test_files_hold_the_best_and_the_last_weights_without_pickled_code(data, tmp_path):
    model, _, diary = trained(data, tmp_path / "checkpoints")

    best, last = (load(tmp_path / "checkpoints" / name) for name in ("best.ckpt", "last.ckpt"))
    assert same(best["state_dict"], weights_of(model))
    assert same(last["state_dict"], diary.weights[-1])
    assert "optimizer_states" not in best
    assert last["optimizer_states"]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]


def test_a_best_checkpoint_says_what_made_it(data, tmp_path):
    model, _, _ = trained(data, tmp_path, max_epochs=1)

    rebuilt = type(model)(**load(tmp_path / "best.ckpt")["hyper_parameters"])
    rebuilt.load_state_dict(load(tmp_path / "best.ckpt")["state_dict"])

    np.testing.assert_array_equal(rebuilt.predict(data.x), model.predict(data.x))


@pytest.mark.parametrize(("seconds", "written"), [(0.0, 4), (1e9, 1)])
def test_the_last_checkpoint_is_written_no_more_often_than_asked(data, tmp_path, monkeypatch, seconds, written):
    names = []
    monkeypatch.setattr(Checkpoint, "write", lambda self, trainer, name, **_: names.append(name))

    trained(data, tmp_path, max_epochs=3, checkpoint_seconds=seconds)

    assert names == ["last.ckpt"] * written + ["best.ckpt"]


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "signal"])
def test_a_write_that_fails_leaves_the_previous_file_intact(data, tmp_path, monkeypatch, name, error):
    _, trainer, _ = trained(data, tmp_path, max_epochs=2)
    before = (tmp_path / name).read_bytes()

    def write_half(path, **_):
        path.write_bytes(before[: len(before) // 2])
        raise error

    monkeypatch.setattr(trainer, "save_checkpoint", write_half)
    with pytest.raises(type(error)):
        checkpoint_of(trainer).write(trainer, name)

    assert (tmp_path / name).read_bytes() == before
    assert load(tmp_path / name)["state_dict"]
    monkeypatch.undo()
    checkpoint_of(trainer).write(trainer, name)
    assert load(tmp_path / name)["state_dict"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.ckpt", "last.ckpt"]


def test_an_epoch_as_good_as_the_best_does_not_replace_it(data, tmp_path):
    _, trainer, diary = trained(data, tmp_path, max_epochs=3, lr=1e-30)

    assert len(set(diary.losses)) == 1
    assert checkpoint_of(trainer).best_epoch == 0


@pytest.mark.parametrize("sharded", [False, True])
def test_a_training_that_was_stopped_early_does_not_go_on(data, tmp_path, sharded):
    stopped, again, trainer = Checkpoint(tmp_path), Checkpoint(tmp_path), make_trainer(tmp_path)
    stopped.stopped = True

    hooks = [lambda: again.load_state_dict(stopped.state_dict()), lambda: again.on_fit_start(trainer, None)]
    for hook in reversed(hooks) if sharded else hooks:  # Lightning restores sharded weights and callbacks late
        hook()
    again.on_train_start(trainer, None)

    assert trainer.should_stop


def test_the_best_epoch_travels_with_the_state_of_the_callback(data, tmp_path):
    _, trainer, _ = trained(data, tmp_path)
    first, second = checkpoint_of(trainer), Checkpoint(tmp_path)

    second.load_state_dict(first.state_dict())

    assert (second.best_score, second.best_epoch) == (first.best_score, first.best_epoch)
    assert same(second.best_weights, first.best_weights)
