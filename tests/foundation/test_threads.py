import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from remanence.foundation.threads import one_blas_thread, one_thread


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_linear_algebra_runs_on_one_thread_inside_the_block_only():
    before = threads()

    with one_blas_thread():
        np.linalg.svd(np.eye(3))
        assert set(threads()) == {1}

    assert threads() == before


@pytest.mark.parametrize("block", [one_thread, one_blas_thread])
def test_the_number_of_threads_is_put_back_after_an_error(block):
    before = torch.get_num_threads(), threads()

    with pytest.raises(ZeroDivisionError), block():
        1 / 0  # noqa: B018

    assert (torch.get_num_threads(), threads()) == before
