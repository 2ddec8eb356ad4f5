"""Writing a checkpoint so that an interruption or a full disk leaves the previous one as it was."""

import errno
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch


class CheckpointError(OSError):
    """A checkpoint could not be written; the file that was there before is as it was."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a place to write to; what is written there becomes ``path`` when the block ends, and not before.

    Raises:
        CheckpointError: naming the file and the reason, if it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        os.replace(unfinished, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(error.errno or errno.EIO, f"{path}: cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write tensors and plain values to ``path``.

    Raises:
        CheckpointError: if that is not possible.
    """
    # through memory, because torch's own writing to a full disk ends with "unexpected pos" and no reason
    written = io.BytesIO()
    torch.save(state, written)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(written.getbuffer())
