import numpy as np
import pandas as pd
import pytest

from remanence.data.cells import as_number
from remanence.data.text_numbers import numbers_of_texts

TEXTS = [
    "1", " 2 ", "+3", "-4e3", ".5", "5.", "1_000", "١٢", "0x10", "nan", "ND", "", "1e999", "infinity", "1e", "１",
    " +7 ", "-1.5E-3", "345±5", "<5", "1,5",
]  # fmt: skip


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], TEXTS[:6]])
def test_texts_are_read_as_single_cells_are(texts):
    read = numbers_of_texts(pd.Series(pd.array(texts, dtype="string[pyarrow]")))

    np.testing.assert_array_equal(read, [np.nan if (number := as_number(text)) is None else number for text in texts])
