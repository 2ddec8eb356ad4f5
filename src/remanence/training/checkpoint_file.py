"""Reading checkpoints: whole files with plain values and tensors, or one line that says which is damaged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch

from remanence.errors import DamagedFile
from remanence.foundation.damage import reading


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
