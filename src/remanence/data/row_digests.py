"""Digests by which rows and spectra are recognised, whatever file they stand in."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 10_000
"""Number of rows that are rounded at a time, so that a large scan is not copied as a whole."""
DROPPED = np.uint64(29)
"""Number of bits by which the mantissa of a float64 is longer than that of a float32."""


def row_digests(x: NDArray[Any]) -> NDArray[np.uint64]:
    """Return a digest of the inputs of each row, shape (rows,).

    Encoded inputs do not depend on the order of the columns and rows of a file, on units in its header, or on whether
    a number was stored as 3, 3.0 or "3". The digest does not depend on digits beyond those of a float32 either: a file
    that went through Excel or was stored as float32 has the same digests, and a network reads the same numbers.

    Args:
        x: inputs in physical units, of shape (rows, inputs) or (pixels, steps, channels), all finite.

    >>> one, other = row_digests(np.array([[0.1, 3]])), row_digests(np.array([[0.1, 3]], dtype=np.float32))
    >>> bool(one == other), bool(one == row_digests(np.array([[0.1001, 3]])))
    (True, False)
    """
    rows = np.reshape(x, (len(x), -1)) if len(x) else np.empty((0, 1))
    digests = []
    for start in range(0, len(rows), CHUNK):
        chunk = np.ascontiguousarray(rows[start : start + CHUNK], dtype="<f8") + 0.0  # -0.0 becomes 0.0
        digests += [hashlib.blake2b(row, digest_size=8).digest() for row in rounded_bits(chunk)]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def rounded_bits(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the bits of float64 values, rounded half to even to the mantissa of a float32."""
    bits = values.view(np.uint64)
    half = np.uint64((1 << (int(DROPPED) - 1)) - 1)
    return (bits + half + ((bits >> DROPPED) & np.uint64(1))) >> DROPPED
