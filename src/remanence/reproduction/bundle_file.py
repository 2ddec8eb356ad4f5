"""Reading a bundle, which is somebody else's: nothing is unpacked but what is asked for, and where we say."""

import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from remanence.errors import DamagedFile, DataError
from remanence.foundation.damage import reading

MOST_FILES = 20_000
MOST_BYTES = 20_000_000_000
"""Bytes of all files of a bundle, unpacked."""
LONGEST_TEXT = 50_000_000
"""Bytes of the longest file that is read into memory."""


class BundleFile:
    """An open bundle, whose names and sizes have been checked."""

    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        self.path, self._packed = path, packed
        self._names = {entry.filename: entry for entry in _checked(path, packed)}

    def text(self, name: str) -> str | None:
        """Return a file as text; None if the bundle has none of this name.

        Raises:
            DamagedFile: if the file is damaged, or too long for a text.
        """
        entry = self._names.get(name)
        if entry is None:
            return None
        if entry.file_size > LONGEST_TEXT:
            raise DamagedFile(self.path, f"{name} has {entry.file_size} bytes, more than any such file needs")
        with reading(self.path):  # zipfile reads no more than the size that was checked
            return self._packed.read(entry).decode("utf-8")

    def values(self, name: str) -> dict[str, Any]:
        """Return a file of JSON that holds keys and values.

        Raises:
            DamagedFile: if the bundle has no such file, or it is damaged.
        """
        text = self.text(name)
        if text is None:
            raise DamagedFile(self.path, f"it is no bundle of remanence: there is no {name} in it")
        with reading(self.path):
            values = json.loads(text)
            if not isinstance(values, dict):
                raise DamagedFile(self.path, f"{name} holds no keys and values")
            return values

    def extract(self, name: str, target: Path) -> None:
        """Write a file of the bundle to a path that the caller has chosen.

        Raises:
            DamagedFile: if the bundle has no such file, or it is damaged.
        """
        entry = self._names.get(name)
        if entry is None:
            raise DamagedFile(self.path, f"there is no {name} in it")
        with reading(self.path), self._packed.open(entry) as source, target.open("xb") as written:
            while block := source.read(1 << 20):
                written.write(block)

    def numbered(self, first: str, ending: str) -> Iterator[str]:
        """Yield the texts of ``first`` + ending and of ``first.resumed-1``, …, as a resumed run writes them."""
        number, name = 0, f"{first}{ending}"
        while (text := self.text(name)) is not None or not number:
            if text is not None:
                yield text
            number += 1
            name = f"{first}.resumed-{number}{ending}"


@contextmanager
def open_bundle(path: str | Path) -> Iterator[BundleFile]:
    """Yield an open bundle.

    Raises:
        DataError: if there is no such file.
        DamagedFile: if it is no zip file; if a name in it leads out of the bundle, is no plain file, or stands twice;
            if it holds more than a bundle needs.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    with reading(path):
        packed = zipfile.ZipFile(path)
    with packed:
        yield BundleFile(path, packed)


def _checked(path: Path, packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = packed.infolist()
    if len(entries) > MOST_FILES:
        raise DamagedFile(path, f"it holds {len(entries)} files, more than {MOST_FILES}")
    if (size := sum(entry.file_size for entry in entries)) > MOST_BYTES:
        raise DamagedFile(path, f"unpacked it has {size / 1e9:.1f} GB, more than {MOST_BYTES / 1e9:.0f} GB")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or "\\" in name or ":" in name.partition("/")[0] or "\0" in name:
            raise DamagedFile(path, f"the name {name!r} in it leads out of the bundle")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise DamagedFile(path, f"{name!r} in it is no plain file")
        if name in seen:
            raise DamagedFile(path, f"{name!r} stands twice in it")
        seen.add(name)
    return [entry for entry in entries if not entry.is_dir()]
