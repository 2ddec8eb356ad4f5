"""Holding pixels out of a scan."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from remanence.data.splits import Fold
from remanence.errors import ConfigurationError


def hold_out(
    valid: NDArray[np.bool_],
    shape: tuple[int, int],
    *,
    kind: Literal["random", "blocks", "all"] = "random",
    test: float = 0.2,
    validation: float = 0.02,
    block: int = 6,
    seed: int = 0,
) -> Fold:
    """Split the valid pixels of a map.

    Args:
        valid: which pixels are not masked, shape (pixels,), row by row; masked pixels belong to no part.
        shape: rows and columns of the map.
        kind: ``random`` holds single pixels out. ``blocks`` holds square blocks out, so that few test pixels have a
            neighbour in the training part. ``all`` holds nothing out, as in the paper: the test error is then the
            training error.
        test: share of the pixels in the test part.
        validation: share of the pixels in the validation part.
        block: side of a block in pixels.
        seed: seed of the random choice.

    Raises:
        ConfigurationError: if a part would be empty.
    """
    if kind == "all":
        everything = np.flatnonzero(valid)
        return Fold(everything, everything, everything)
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(len(valid)), shape[1])
    unit = np.arange(len(valid)) if kind == "random" else (row // block) * (shape[1] // block + 1) + column // block
    units = rng.permutation(np.unique(unit[valid]))
    tested = len(units) - round(test * len(units))
    trained = max(0, tested - round(validation * len(units)))
    parts = [np.flatnonzero(valid & np.isin(unit, chosen)) for chosen in np.split(units, [trained, tested])]
    for name, part in zip(("training", "validation", "test"), parts, strict=True):
        if not len(part):
            raise ConfigurationError(
                f"data.split: no pixel is left for {name} among {int(valid.sum())} pixels; "
                "change data.split.test, validation or block"
            )
    return Fold(*parts)
