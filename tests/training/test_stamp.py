from types import SimpleNamespace

import pytest
import torch
from pytorch_lightning.loggers.logger import DummyLogger

from remanence.training.stamp import Stamp, fitted_before, read_stamp, stamped_by


@pytest.fixture
def path(tmp_path):
    return tmp_path / "last.ckpt"


def test_a_checkpoint_says_whose_it_is(path):
    logger = SimpleNamespace(version="a" * 32, fit_seconds=3.5)
    torch.save({"weights": torch.zeros(3), **stamped_by(logger)()}, path)

    assert read_stamp(path) == Stamp("a" * 32, 3.5)


@pytest.mark.parametrize("logger", [None, SimpleNamespace(version="a"), DummyLogger()])
def test_what_tracks_no_run_stamps_nothing(logger):
    assert stamped_by(logger)() == {}
    assert fitted_before(logger) == 0


@pytest.mark.parametrize("state", [{"weights": torch.zeros(3)}, [torch.zeros(3)]])
def test_a_checkpoint_of_an_earlier_release_has_no_stamp(path, state):
    torch.save(state, path)

    assert read_stamp(path) is None


def test_a_damaged_checkpoint_has_no_stamp(path):
    path.write_bytes(b"torn")

    assert read_stamp(path) is None
