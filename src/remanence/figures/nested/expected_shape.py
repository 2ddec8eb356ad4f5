"""Check of the shape of an array."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def expect_shape(argument: str, values: ArrayLike, shape: Sequence[int | None]) -> None:
    """Raise ``ValueError`` unless an array has the given shape; None stands for any length.

    >>> expect_shape("values", [[1.0, 2.0]], (None, 3))
    Traceback (most recent call last):
    ...
    ValueError: Expected argument `values` to be of shape (any, 3), but got (1, 2).
    """
    got = np.shape(values)
    if len(got) != len(shape) or any(
        wanted is not None and length != wanted for length, wanted in zip(got, shape, strict=True)
    ):
        wanted_shape = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(
            f"Expected argument `{argument}` to be of shape ({wanted_shape}{',' * (len(shape) == 1)}), but got {got}."
        )
