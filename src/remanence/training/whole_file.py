"""Writing a checkpoint so that an interruption or a full disk leaves the previous file intact."""

import errno
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from remanence.foundation.whole_file import whole_file as whole


class CheckpointError(OSError):
    """A checkpoint could not be written; the previous file is intact."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; the file becomes ``path`` when the block ends without an error.

    Raises:
        CheckpointError: if the file cannot be written; the message names the file and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as unfinished:
            yield unfinished
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(error.errno or errno.EIO, f"{path}: cannot be written: {reason}") from error


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write tensors and plain values to ``path``.

    Raises:
        CheckpointError: if the file cannot be written.
    """
    # serialised in memory first, because torch reports a full disk only as "unexpected pos", without the reason
    written = io.BytesIO()
    torch.save(state, written)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(written.getbuffer())
