import pandas as pd

from remanence.tracking.markdown_table import READABLE, markdown


def test_a_table_that_somebody_reads_is_whole():
    lines = markdown(pd.DataFrame({"d33": [1 / 3] * READABLE})).splitlines()

    assert lines[:3] == ["| d33 |", "|---|", "| 0.3333 |"]
    assert len(lines) == READABLE + 2


def test_a_long_table_has_its_first_rows_only():
    text = markdown(pd.DataFrame({"d33": range(100_000)}))

    assert text.endswith(f"| {READABLE - 1} |\n\nThe first {READABLE} of 100000 rows.\n")
    assert len(text) < 10_000
