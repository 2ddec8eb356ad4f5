"""The region that a model was trained in, as a file beside the model."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from remanence.foundation.damage import reading
from remanence.science.training_region import TrainingRegion

FILE = "training_rows.safetensors"


def save_region(region: TrainingRegion, folder: Path) -> None:
    """Write ``training_rows.safetensors`` into the folder of a model.

    The model is saved behind it, which adds a checksum and lets others read the file.

    Args:
        region: where the rows are that the model was fitted to.
        folder: folder of the model; it is made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # contiguous copies: safetensors writes the memory of another order as it lies there
    arrays = {name: np.ascontiguousarray(value) for name, value in vars(region).items()}
    save_file(arrays, folder / FILE)


def load_region(folder: Path) -> TrainingRegion | None:
    """Return the region that ``save_region`` wrote; None for a model of an earlier release, which has none.

    Raises:
        DamagedFile: if the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    with reading(path):
        arrays: dict[str, Any] = dict(load_file(path))
        return TrainingRegion(**{**arrays, "gap": arrays["gap"].item()})
