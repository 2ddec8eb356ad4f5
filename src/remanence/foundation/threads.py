"""Limits on the number of CPU threads of one operation."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's operations on one thread inside the block.

    The matrix products of a network on a table are too small to share among threads. On a machine with other work,
    waiting for the second thread made an epoch of thirty members ten times slower.
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

    Threads that share a small matrix spend their time waiting for each other, and they wait in a busy loop. On two
    processors with other work, a Gaussian process on a hundred rows took fifteen times as long.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache  # because finding the loaded libraries takes as long as a small fit
def _libraries() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  scipy loads a BLAS of its own, which has to be found

    return ThreadpoolController()
