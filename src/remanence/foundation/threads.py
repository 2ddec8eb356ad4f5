"""How many processor threads one operation may use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's operations on one thread inside the block.

    The products of a network on a table are too small to share: on a machine that does anything else beside, waiting
    for the second thread made an epoch of thirty members ten times slower.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
