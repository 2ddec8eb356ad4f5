from pathlib import Path

import pytest
import torch
from small_stack import assert_same, make_members, make_schedule, train

from remanence.training.checkpoint_file import CheckpointError


class PowerCutError(Exception):
    """Raised between two epochs."""


def interrupt(epoch):
    def log(metrics, now):
        if now == epoch:
            raise PowerCutError

    return log


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adagrad"])
@pytest.mark.parametrize("epoch", [1, 5])
def test_a_resumed_training_is_bit_identical_to_an_uninterrupted_one(tmp_path, optimizer, epoch):
    schedule = make_schedule(checkpoint=tmp_path / "last.ckpt", seconds=0.0, patience=4)
    whole = train(make_members(), schedule=make_schedule(patience=4), optimizer=optimizer, bins=4)

    with pytest.raises(PowerCutError):
        train(make_members(), schedule=schedule, optimizer=optimizer, bins=4, log=interrupt(epoch))
    torch.manual_seed(99)
    logged = []
    resumed = train(
        make_members(), schedule=schedule, optimizer=optimizer, bins=4, log=lambda _, epoch: logged.append(epoch)
    )

    assert_same(resumed, whole)
    assert logged == list(range(epoch, 8))


def test_resuming_a_training_that_is_complete_changes_nothing(tmp_path):
    schedule = make_schedule(checkpoint=tmp_path / "folder" / "last.ckpt")
    whole = train(make_members(), schedule=schedule)

    assert_same(train(make_members(), schedule=schedule, log=interrupt(0)), whole)


def test_a_checkpoint_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "last.ckpt"
    train(make_members(), schedule=make_schedule(checkpoint=path, max_epochs=2))
    before = path.read_bytes()

    def half(target, data):
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(CheckpointError, match=r"last\.ckpt: cannot be written: No space left on device"):
        train(make_members(), schedule=make_schedule(checkpoint=path, seconds=0.0))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
