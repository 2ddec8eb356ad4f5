"""The size that a file declares: data that would not fit into memory are refused before they are read."""

import math
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

from remanence.errors import ConfigurationError, DataError

MEMORY = "REMANENCE_MEMORY"
"""Environment variable with the gigabytes that data may take, in place of the memory that is free."""
LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where a container learns how much memory it may use; it sees the free memory of the whole machine."""


def check_fits(what: str, size: float) -> None:
    """Refuse data that take more memory than there is.

    A file may declare any size: a dataset that was never written, and zeros that are packed, need hardly any room on
    disk.

    Args:
        what: file, place in it and what is declared there, for the message.
        size: bytes of memory that the data take when they are read.

    Raises:
        DataError: if the data would not fit, naming both sizes.
    """
    if size > (free := free_memory()):
        raise DataError(
            f"{what} takes {_shown(size)} of memory; {_shown(free)} are free ({MEMORY}=<gigabytes> sets another bound)"
        )


def bytes_of(shape: Iterable[int], itemsize: int) -> int:
    """Return the number of bytes of an array, without the overflow of numpy's integers."""
    return math.prod(map(int, shape)) * itemsize


def free_memory() -> float:
    """Return the number of bytes that data may take: what ``REMANENCE_MEMORY`` says, else what is free.

    Raises:
        ConfigurationError: if ``REMANENCE_MEMORY`` is not a positive number.
    """
    if given := os.environ.get(MEMORY):
        try:
            gigabytes = float(given)
        except ValueError:
            gigabytes = math.nan
        if not gigabytes > 0:
            raise ConfigurationError(f"{MEMORY}: expected a number of gigabytes, got '{given}'")
        return gigabytes * 1e9
    free = float(psutil.virtual_memory().available)
    limit = LIMIT.read_text().strip() if LIMIT.is_file() else "max"
    return free if limit == "max" else min(free, float(limit) - psutil.Process().memory_info().rss)


def _shown(size: float) -> str:
    gigabytes = size / 1e9
    return f"{gigabytes:,.0f} GB" if gigabytes >= 100 else f"{gigabytes:.3g} GB"
