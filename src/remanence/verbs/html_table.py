"""A plain table as HTML, for the pages that verbs write."""

from collections.abc import Sequence
from html import escape


def html_table(rows: Sequence[Sequence[str]], *, numbers: int, last: int | None = None) -> str:
    """Return a table as HTML, its first row as the heads; cells from ``numbers`` to before ``last`` are numbers."""

    def cells(row: Sequence[str], tag: str) -> str:
        ending = len(row) if last is None else last
        marks = [' class="number"' if numbers <= place < ending else "" for place in range(len(row))]
        return "".join(f"<{tag}{mark}>{escape(text)}</{tag}>" for text, mark in zip(row, marks, strict=True))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows[1:])
    return f'<div class="wide"><table><thead><tr>{cells(rows[0], "th")}</tr></thead><tbody>{body}</tbody></table></div>'
