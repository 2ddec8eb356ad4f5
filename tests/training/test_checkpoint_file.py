import errno
import subprocess
import sys

import pytest
import torch

from remanence.training.checkpoint_file import CheckpointError, whole_checkpoint, write_checkpoint


def test_a_file_appears_when_the_block_ends_and_not_before(tmp_path):
    path = tmp_path / "folder" / "last.ckpt"

    with whole_checkpoint(path) as unfinished:
        unfinished.write_text("new")
        assert not path.exists()

    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no"), OSError(errno.ENOSPC, "No space left")])
def test_a_block_that_fails_leaves_the_previous_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "last.ckpt"
    path.write_text("old")

    def write_half():
        with whole_checkpoint(path) as unfinished:
            unfinished.write_text("half")
            raise error

    with pytest.raises(type(error)):
        write_half()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named_with_the_reason(tmp_path):
    path = tmp_path / "last.ckpt"

    with pytest.raises(CheckpointError) as raised, whole_checkpoint(path):
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    assert str(raised.value) == f"{path}: cannot be written: No space left on device"
    assert raised.value.errno == errno.ENOSPC


def test_a_folder_that_cannot_be_made_is_no_less_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(CheckpointError, match=r"file/last\.ckpt: cannot be written: "):
        write_checkpoint({"weights": torch.zeros(3)}, tmp_path / "file" / "last.ckpt")


def test_what_is_saved_loads_without_pickled_code(tmp_path):
    write_checkpoint({"weights": torch.arange(3.0), "epoch": 4}, tmp_path / "last.ckpt")

    loaded = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert (loaded["weights"].tolist(), loaded["epoch"]) == ([0, 1, 2], 4)


LIMITED = """
import resource
from pathlib import Path
import torch
from remanence.training.checkpoint_file import write_checkpoint

resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
path = Path({folder!r}) / "last.ckpt"
write_checkpoint({{"weights": torch.zeros(10)}}, path)
try:
    write_checkpoint({{"weights": torch.zeros(100_000)}}, path)
except OSError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_full_disk_leaves_the_previous_checkpoint_and_says_why(tmp_path):
    code = LIMITED.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == f"{tmp_path / 'last.ckpt'}: cannot be written: File too large\n"
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["weights"].tolist() == [0] * 10
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]
