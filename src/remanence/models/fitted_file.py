"""What a scikit-learn estimator has learnt, as a file that runs no code when it is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

FILE = "fitted.skops"


def write_fitted(learnt: Any, folder: Path) -> None:
    """Write ``fitted.skops``."""
    import skops.io  # takes a second; networks do without it

    skops.io.dump(learnt, folder / FILE)


def read_fitted(folder: Path, trusted: Sequence[str]) -> Any:
    """Read what ``write_fitted`` wrote.

    Args:
        folder: of the file.
        trusted: classes beyond skops' own list that may be built; none of them runs code when it is.
    """
    import skops.io

    return skops.io.load(folder / FILE, trusted=["numpy.dtype", *trusted])
