"""Fast conversion of a column of texts to numbers."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLAIN = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"
"""``cells.NUMBER`` in the language of pyarrow."""


PLAIN_COMMA = r"^\s*[-+]?[0-9]+(,[0-9]+)?([eE][-+]?[0-9]+)?\s*$"
"""A number that has a decimal comma, or no decimals."""


def plain_pointed(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return a column of texts with points for decimal commas, and the cells that are written in another way."""
    import pyarrow as pa
    from pyarrow import compute

    texts = pa.array(cells.array)
    plain = compute.match_substring_regex(texts, PLAIN_COMMA)
    pointed = compute.if_else(plain, compute.replace_substring(texts, ",", "."), texts)
    others = cells[~pd.Series(plain.to_numpy(zero_copy_only=False).astype(bool), index=cells.index)]
    return pd.Series(pd.array(pointed, dtype="string[pyarrow]"), index=cells.index), others


def numbers_of_texts(cells: pd.Series) -> NDArray[np.float64]:
    """Return the numbers of a column of texts, shape (rows,), as ``cells.as_number`` reads them; NaN for all others.

    pyarrow converts a million texts in a tenth of a second, or none of them if one is no number; the others are looked
    for only then.
    """
    import pyarrow as pa  # a run on a small file does without it
    from pyarrow import compute

    texts = pa.array(cells.array)
    try:
        values = compute.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        plain = compute.match_substring_regex(texts, PLAIN)
        trimmed = compute.replace_substring_regex(compute.if_else(plain, texts, None), r"^\s*\+?|\s+$", "")
        values = compute.cast(trimmed, pa.float64())
    numbers: NDArray[np.float64] = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers
