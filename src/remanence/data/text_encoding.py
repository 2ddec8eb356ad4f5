"""The encoding of a text file, found by its bytes."""

import codecs
from pathlib import Path

from remanence.errors import DataError

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""Marks at the beginning of a file to its encoding."""
PART = 2**20
"""Bytes that are decoded at a time."""


def encoding_of(path: Path, given: str | None) -> tuple[str, bool]:
    """Return the name of the encoding of a text file, and whether it is a guess.

    Bytes that are no UTF-8 are taken for Windows-1252, which has the letters, µ, ° and ± of Latin-1, and dashes as
    well: it is what Excel and instruments write in western Europe and America.

    Args:
        path: path of the file.
        given: encoding that the user names.

    Raises:
        DataError: if the file is not in the encoding that the user names, naming the byte.
    """
    if given is not None:
        name = "utf-8-sig" if codecs.lookup(given).name == "utf-8" else given
        if (error := _fault(path, name)) is not None:
            raise DataError(f"{path}: data.encoding={given}: the file is written otherwise: {error}")
        return name, False
    with open(path, "rb") as file:
        start = file.read(4096)
    for mark, name in MARKS.items():
        if start.startswith(mark):
            return name, False
    if (without_mark := _wide(start)) is not None:
        return without_mark, True
    if _fault(path, "utf-8") is None:
        return "utf-8", False
    return ("cp1252" if _fault(path, "cp1252") is None else "latin-1"), True


def _wide(start: bytes) -> str | None:
    """Return the name of an UTF-16 without mark, in which every other byte of western text is zero."""
    for name, place in (("utf-16-le", 1), ("utf-16-be", 0)):
        high, low = start[place::2], start[1 - place :: 2]
        if len(high) > 1 and high.count(0) > 0.7 * len(high) and not low.count(0):
            return name
    return None


def _fault(path: Path, encoding: str) -> UnicodeError | None:
    """Return why a file is not in an encoding, None if it is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open(path, "rb") as file:
            while part := file.read(PART):
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        return error
    return None
