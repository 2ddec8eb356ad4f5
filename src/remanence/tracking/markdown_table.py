"""Tables for a person to read."""

from collections.abc import Iterable, Sequence

import pandas as pd

READABLE = 500
"""Number of rows that somebody may read; a table of a million would have tens of megabytes."""


def markdown(frame: pd.DataFrame, *, rows: int = READABLE) -> str:
    """Return the first rows of ``frame`` as a Markdown table with four significant digits.

    >>> print(markdown(pd.DataFrame({"sample": ["a", "b"], "d33": [1 / 3, 2]}), rows=1), end="")
    | sample | d33 |
    |---|---|
    | a | 0.3333 |
    <BLANKLINE>
    The first 1 of 2 rows.
    """
    shown = frame.head(rows).to_numpy(object)
    cells = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in shown]
    lines = markdown_lines([str(name) for name in frame.columns], cells)
    rest = [f"\nThe first {len(shown)} of {len(frame)} rows."] if len(shown) < len(frame) else []
    return "\n".join([*lines, *rest]) + "\n"


def markdown_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table of cells that are texts already.

    >>> markdown_lines(["a", "b"], [["1", "2"]])
    ['| a | b |', '|---|---|', '| 1 | 2 |']
    """
    first, *rest = ["| " + " | ".join(line) + " |" for line in (header, *rows)]
    return [first, "|" + "---|" * len(header), *rest]
