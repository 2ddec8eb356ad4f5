"""A table as it is found in a file: its cells, and how the file holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from remanence.data.cells import FIRST_ROW, is_empty
from remanence.data.decimal_marks import with_points
from remanence.data.declared_size import check_fits
from remanence.data.group_row import header_row, names_below_groups
from remanence.data.header import TOP, RawRow, has_names
from remanence.data.table_format import TableFormat
from remanence.data.text_rows import BLANKS, TextRows
from remanence.data.units_row import units_below
from remanence.data.workbook_cells import Workbook
from remanence.errors import DataError

TEXT_COPIES = 10
"""Bytes in memory for each byte of a text file: a short cell takes fifty bytes as a text of Python."""


@dataclass(frozen=True)
class FoundTable:
    """The cells of a table, and how they were found."""

    frame: pd.DataFrame
    """Cells as read, with points before decimals; the index 0, 1, … skips rows of the file that hold no values of the
    table, because messages number rows by it, see ``cells.shown_row``."""
    format: TableFormat
    """How the file holds the table: what was given, and what was found."""
    sheets: Sequence[str] = ()
    """Names of all sheets of a workbook."""
    units: dict[str, str] = field(default_factory=dict)
    """Column to unit, of the row of units below the header."""
    said: Sequence[str] = ()
    """What was guessed, each with the key that sets it otherwise; and what was changed."""

    def line(self, name: str) -> str | None:
        """Return what was guessed of the file ``name`` as one line, None if nothing was."""
        return f"{name}: {'; '.join(self.said)}" if self.said else None


def find_table(path: Path, looked_for: Sequence[str] = (), format: TableFormat | None = None) -> FoundTable:
    """Read the cells of a file and find out how it holds its table.

    Args:
        path: path of a file that exists.
        looked_for: names of columns that help to find header, sheet and separator; they need not be there.
        format: what is known of the file.

    Raises:
        DataError: if the file is empty, does not fit into memory, or contradicts ``format``; each reader raises its own
            exceptions as well.
    """
    format = format or TableFormat()
    match path.suffix.lower():
        case ".parquet":
            return FoundTable(_read_parquet(path), format)
        case ".xlsx":
            found = _of_workbook(path, looked_for, format)
        case ".xls":
            found = _of_old_workbook(path, looked_for, format)
        case _:
            found = _of_text(path, looked_for, format)
    frame, mark, shown = with_points(found.frame, format.decimal, str(path), looked_for)
    said = list(found.said)
    if shown is not None:
        said.append(
            f"the comma is read as the decimal mark, as in {shown} (data.decimal)"
            if mark == ","
            else f"commas are read as separators of thousands, as in {shown} (data.decimal)"
        )
    return replace(found, frame=frame, format=replace(found.format, decimal=mark), said=said)


def _of_text(path: Path, looked_for: Sequence[str], format: TableFormat) -> FoundTable:
    check_fits(f"{path}: its text", TEXT_COPIES * path.stat().st_size)
    text = TextRows(path, format, looked_for)
    said = [f"read as {text.encoding} (data.encoding)"] if text.guessed else []
    if text.separator == BLANKS and format.separator is None:
        said.append("blanks separate the cells (data.separator)")
    header, below = _header(text.top(_height(format)), looked_for, format, path, said)
    frame = text.below(header)
    found = replace(format, separator=text.separator, encoding=text.encoding, header_row=header.number)
    return _below(frame, header, below, FoundTable(frame, found, said=said))


def _of_workbook(path: Path, looked_for: Sequence[str], format: TableFormat) -> FoundTable:
    with Workbook(path) as book:
        sheet, said = _sheet(book, looked_for, format)
        header, below = _header(book.top(sheet, _height(format)), looked_for, format, path, said)
        cells, merged = book.read(sheet)
        uncalculated = book.marks(sheet).uncalculated
    header = RawRow(header.number, [*header.cells, *[""] * (cells.shape[1] - len(header.cells))])
    cells.index += 1
    frame = cells.loc[cells.index > header.number]
    counts = {header.names[column]: sum(row + 1 > header.number for row in rows) for column, rows in merged.items()}
    if number := sum(counts.values()):
        said.append(f"{number} merged cells of {', '.join(sorted(counts))} get the value that stands above them")
    if uncalculated:
        said.append(f"{uncalculated} formulas have no result and count as empty: open and save the file in Excel")
    found = replace(format, sheet=sheet, header_row=header.number)
    return _below(frame, header, below, FoundTable(frame, found, book.names, said=said))


def _of_old_workbook(path: Path, looked_for: Sequence[str], format: TableFormat) -> FoundTable:
    # header=None keeps duplicate names; pandas would otherwise rename them without a warning
    sheet = format.sheet - 1 if isinstance(format.sheet, int) else format.sheet or 0
    cells = pd.read_excel(path, sheet, header=None, dtype=object, keep_default_na=False, na_values=[""])
    cells = cells.dropna(how="all")
    cells.index += 1
    top = [RawRow(number, row) for number, row in zip(cells.index[:TOP], cells[:TOP].values.tolist(), strict=True)]
    said: list[str] = []
    header, below = _header(top, looked_for, format, path, said)
    frame = cells.loc[cells.index > header.number]
    return _below(frame, header, below, FoundTable(frame, replace(format, header_row=header.number), said=said))


def _sheet(book: Workbook, looked_for: Sequence[str], format: TableFormat) -> tuple[str, list[str]]:
    """Return the sheet to read, and what is said of the choice."""
    names = book.names
    if isinstance(format.sheet, str) and format.sheet in names:
        return format.sheet, []
    if isinstance(format.sheet, int) and format.sheet <= len(names):
        return names[format.sheet - 1], []
    if format.sheet is not None or not names:
        raise DataError(f"{book.path}: data.sheet: no sheet '{format.sheet}'; it has: {', '.join(names)}")
    if len(names) == 1:
        return names[0], []
    tops = {name: book.top(name) for name in names}
    filled = [name for name, top in tops.items() if len(top) > 1 and max(row.filled for row in top) > 1]
    having = _with_names(looked_for, {name: tops[name] for name in filled}) if looked_for else []
    chosen = (having or filled or names)[0]
    if len(filled) < 2 and chosen == names[0]:
        return chosen, []
    others = ", ".join(name for name in names if name != chosen)
    return chosen, [f"sheet '{chosen}' is read, and not {others} (data.sheet)"]


def _with_names(looked_for: Sequence[str], tops: Mapping[str, Sequence[RawRow]]) -> list[str]:
    """Return the sheets that have columns of the wanted names at their top; without any, those of similar names."""
    for loosely in (False, True):
        having = [name for name, top in tops.items() if any(has_names(row, looked_for, loosely=loosely) for row in top)]
        if having:
            return having
    return []


def _height(format: TableFormat) -> int:
    """Return the number of rows among which the header is looked for."""
    return max(TOP, (format.header_row or 0) + 1)


def _header(
    top: Sequence[RawRow], looked_for: Sequence[str], format: TableFormat, path: Path, said: list[str]
) -> tuple[RawRow, Sequence[RawRow]]:
    """Return the row of names and the first rows below it, and say if it was not the first one.

    Raises:
        DataError: if the file is empty, or the row that was given is.
    """
    if not any(any(row.names) for row in top):
        raise DataError(f"{path}: the file is empty")
    if format.header_row == 0:
        return RawRow(0, [str(number) for number in range(1, 1 + len(top[0].cells))]), top
    if format.header_row is None:
        place, header = header_row(top, looked_for)
        if header.names != top[place].names:
            said.append(f"rows {header.number - 1} and {header.number} hold the names of the columns (data.header_row)")
        elif place:
            said.append(f"row {header.number} holds the names of the columns (data.header_row)")
        return header, top[place + 1 :]
    for place, row in enumerate(top):
        if row.number == format.header_row:
            return names_below_groups(top, place) or row, top[place + 1 :]
    raise DataError(f"{path}: data.header_row: row {format.header_row} is empty")


def _below(frame: pd.DataFrame, header: RawRow, below: Sequence[RawRow], found: FoundTable) -> FoundTable:
    """Return the table with its names, without a row of units and without columns that hold nothing at all."""
    said, units = list(found.said), {}
    if header.number and (row_of_units := units_below(header, below)):
        units = row_of_units
        frame = frame.loc[frame.index != below[0].number]
        said.append(f"row {below[0].number} is read as units")
    frame = frame.set_axis(header.names, axis=1)
    frame.index = frame.index - FIRST_ROW
    unnamed = [place for place, name in enumerate(header.names) if not name]
    blank = {place for place in unnamed if all(map(is_empty, frame.iloc[:, place]))}
    if blank:
        frame = frame.iloc[:, [place for place in range(frame.shape[1]) if place not in blank]]
    return replace(found, frame=frame, units=units, said=said)


def _read_parquet(path: Path) -> pd.DataFrame:
    from pyarrow import default_memory_pool
    from pyarrow.parquet import read_metadata  # a run on another file does without it

    described = read_metadata(path)
    rows, columns = described.num_rows, described.num_columns
    held = sum(described.row_group(number).total_byte_size for number in range(described.num_row_groups))
    # equal values are stored once, so that a table of a billion rows may take a few bytes of the file
    check_fits(f"{path}: a table of {rows} rows and {columns} columns", 2 * max(8 * rows * columns, held))
    frame = pd.read_parquet(path).reset_index(drop=True)
    default_memory_pool().release_unused()
    return frame
