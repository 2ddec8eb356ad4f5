"""A checkpoint as a file: written whole or not at all, and read as plain values and tensors only."""

import errno
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch

from remanence.errors import DamagedFile
from remanence.foundation.damage import reading
from remanence.foundation.whole_file import whole_file


class CheckpointError(OSError):
    """A checkpoint could not be written; the previous file is intact."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def whole_checkpoint(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; the file becomes ``path`` when the block ends without an error.

    Raises:
        CheckpointError: if the file cannot be written; the message names the file and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            yield unfinished
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(error.errno or errno.EIO, f"{path}: cannot be written: {reason}") from error


def write_checkpoint(state: Mapping[str, Any], path: Path) -> None:
    """Write tensors and plain values to ``path``.

    Raises:
        CheckpointError: if the file cannot be written.
    """
    # serialised in memory first, because torch reports a full disk only as "unexpected pos", without the reason
    written = io.BytesIO()
    torch.save(state, written)
    with whole_checkpoint(path) as unfinished:
        unfinished.write_bytes(written.getbuffer())


def read_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Return the content of a checkpoint.

    Raises:
        DamagedFile: if the file is damaged, by its checksums as well, or holds more than plain values and tensors.
    """
    with reading(path):
        with ZipFile(path) as file:  # torch does not compare the checksums
            if (part := file.testzip()) is not None:
                raise DamagedFile(path, f"the checksum of {part} differs")
        content = torch.load(path, map_location=device, weights_only=True)
    if not isinstance(content, Mapping):
        raise DamagedFile(path, f"expected a checkpoint, got {type(content).__name__}")
    return dict(content)
