"""A fitted scikit-learn estimator as a file that runs no code when it is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from remanence.foundation.damage import reading

FILE = "fitted.skops"


def write_fitted(learnt: Any, folder: Path) -> None:
    """Write a fitted estimator to ``fitted.skops`` in ``folder``."""
    import skops.io  # imported here: it takes a second, and networks do not need it

    skops.io.dump(learnt, folder / FILE)


def read_fitted(folder: Path, trusted: Sequence[str]) -> Any:
    """Read what ``write_fitted`` wrote.

    Args:
        folder: folder of ``fitted.skops``.
        trusted: classes beyond skops' own list that may be built; none of them may run code when it is built.
    """
    import skops.io

    path = folder / FILE
    with reading(path):
        return skops.io.load(path, trusted=["numpy.dtype", *trusted])
