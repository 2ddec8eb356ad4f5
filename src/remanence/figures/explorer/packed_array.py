"""Arrays as text in a page: two bytes a number, which is enough for what is drawn."""

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 65534
"""Largest code of a number; the next one stands for what is not finite."""
BYTES = 8 / 3
"""Bytes that a number takes in a page: two, as base64."""


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as plain values: codes from 0 to 65534 between its smallest and its largest number.

    A number is ``low + step·code``, off by at most half a step, 1/131068 of the range; 65535 is NaN.

    >>> packed(np.array([[-1.0, 1.0], [np.nan, 0.0]]))
    {'shape': [2, 2], 'low': -1.0, 'step': 3.051850947599719e-05, 'codes': 'AAD+/////38='}
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    low, high = (float(end(numbers[known])) for end in (np.min, np.max)) if known.any() else (0.0, 0.0)
    step = (high - low) / LARGEST or 1.0
    codes = np.full(numbers.shape, LARGEST + 1, dtype="<u2")
    codes[known] = np.rint((numbers[known] - low) / step)
    return {"shape": list(numbers.shape), "low": low, "step": step, "codes": b64encode(codes.tobytes()).decode()}
