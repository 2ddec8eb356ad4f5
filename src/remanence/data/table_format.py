"""How a file holds its table: where the header is, which sheet, and how numbers and text are written."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from remanence.errors import ConfigurationError

SEPARATORS = {"tab": "\t", "space": " ", "\\t": "\t"}
"""Separators that nobody can type."""


@dataclass(frozen=True)
class TableFormat:
    """What a user may say of a file of a table; None is found in the file, and a line says what is unusual.

    Raises:
        ConfigurationError: if a value cannot be, naming its key.
    """

    header_row: int | None = None
    """Row of the column names, numbered from 1 as a spreadsheet numbers it; 0: there are none."""
    sheet: str | int | None = None
    """Sheet of a workbook: its name, or its number from 1."""
    decimal: Literal[".", ","] | None = None
    """Mark before the decimals of a number; the other one then separates thousands."""
    separator: str | None = None
    """What stands between the cells of a text file: one character, ``tab``, or ``space`` for any number of blanks."""
    encoding: str | None = None
    """Encoding of a text file, such as ``latin-1`` or ``utf-16``."""

    def __post_init__(self) -> None:
        if self.header_row is not None and self.header_row < 0:
            raise ConfigurationError(f"data.header_row: rows are numbered from 1, got {self.header_row}")
        if isinstance(self.sheet, int) and self.sheet < 1:
            raise ConfigurationError(f"data.sheet: sheets are numbered from 1, got {self.sheet}")
        if self.decimal not in (None, ".", ","):
            raise ConfigurationError(f"data.decimal: expected '.' or ',', got '{self.decimal}'")
        if self.separator is not None and (len(self.character or "") != 1 or self.separator in '"\r\n'):
            raise ConfigurationError(f"data.separator: expected one character, tab or space, got '{self.separator}'")
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError as error:
                raise ConfigurationError(
                    f"data.encoding: '{self.encoding}' is not known; utf-8, latin-1, cp1252 and utf-16 are common"
                ) from error

    @classmethod
    def taken_from(cls, overrides: Sequence[str]) -> "tuple[TableFormat, list[str]]":
        """Return what overrides such as ``data.sheet=2`` say of a file, and the overrides that say something else.

        >>> TableFormat.taken_from(["data.sheet=2", "data.decimal=,", "data.cycle=0"])[0].given
        {'sheet': 2, 'decimal': ','}
        """
        keys = {f"data.{each.name}": each.name for each in fields(cls)}
        given: dict[str, Any] = {}
        others = []
        for override in overrides:
            key, _, value = override.partition("=")
            if key in keys and value:
                given[keys[key]] = int(value) if value.isdigit() else value
            else:
                others.append(override)
        if isinstance(row := given.get("header_row"), str):
            raise ConfigurationError(f"data.header_row: expected the number of a row, got '{row}'")
        return cls(**given), others

    @property
    def character(self) -> str | None:
        """The separator as a single character."""
        return SEPARATORS.get(self.separator or "", self.separator)

    @property
    def given(self) -> dict[str, str | int]:
        """Key to value, for what was given."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}
