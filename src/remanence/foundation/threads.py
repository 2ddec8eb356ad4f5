"""How many processor threads one operation may use."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController


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


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run the linear algebra of numpy and scipy on one thread inside the block.

    Threads that share a small matrix spend their time waiting for each other, and they wait by computing: on two
    processors that do anything else beside, a Gaussian process on a hundred rows took fifteen times as long.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache  # looking for the loaded libraries takes as long as a small fit
def _libraries() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  it has a library of its own, which is to be found

    return ThreadpoolController()
