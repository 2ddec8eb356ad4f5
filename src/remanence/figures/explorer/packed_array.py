"""Arrays as text in a page: two bytes a number, which is enough for what is drawn; weights of a large network less."""

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
    return {"shape": list(numbers.shape), "low": low, "step": step, "codes": _text(codes.tobytes())}


BITS = 14
"""Bits of a number of ``packed_rows``: with twelve, spectra are four times as far from those of the model."""
BITS_BYTES = BITS / 8 * 4 / 3
"""Bytes that such a number takes in a page, as base64."""


def packed_rows(matrix: NDArray[Any]) -> dict[str, Any]:
    """Return a matrix as plain values: codes of fourteen bits between the smallest and the largest number of its row.

    A number is ``low + step·code`` of its row, off by at most 1/32766 of the range of the row. Codes follow each other
    without a gap, the lowest bit first.

    Args:
        matrix: finite numbers, shape (rows, columns).

    >>> packed_rows(np.array([[0.0, 1.0], [0.0, 4.0]]))["codes"]
    'AMD/DwD8/w=='
    """
    numbers = np.asarray(matrix, dtype=np.float64)
    largest = 2**BITS - 1
    low, high = numbers.min(axis=1).astype("<f4"), numbers.max(axis=1).astype("<f4")
    step = np.where(high > low, (high - low) / largest, 1).astype("<f4")
    codes = np.clip(np.rint((numbers - low[:, None]) / step[:, None]), 0, largest).astype(np.uint16)
    bits = (codes.reshape(-1, 1) >> np.arange(BITS, dtype=np.uint16)) & 1
    whole = np.packbits(bits.astype(np.uint8), bitorder="little")
    ends = np.concatenate([low, step]).tobytes()
    return {
        "shape": list(numbers.shape),
        "bits": BITS,
        "rows": _text(ends),
        "codes": _text(whole.tobytes()),
    }


def _text(content: bytes) -> str:
    return b64encode(content).decode()
