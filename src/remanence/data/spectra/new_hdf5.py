"""New HDF5 files, which a full disk cannot break: they appear whole, or one line says why not."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import h5py

from remanence.data.output_file import check_output
from remanence.errors import DataError
from remanence.foundation.whole_file import whole_file

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SUFFIXES = (".h5", ".hdf5")


@contextmanager
def new_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Open a new HDF5 file; an existing file at ``path`` is replaced once everything is written.

    Raises:
        DataError: if the ending is unknown, the folder does not exist, or the file cannot be written. Errors from
            reading other files inside the block are passed on unchanged.
    """
    check_output(path, SUFFIXES)
    try:
        with whole_file(path) as unfinished, _Storage(unfinished, "w+") as storage, storage.opened() as file:
            yield file
    except OSError as error:
        if error.filename != str(path):
            raise
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def scratch_hdf5() -> Iterator[h5py.File]:
    """Open a new HDF5 file without a name in the system's temporary folder; it ends with the block or the process.

    Raises:
        DataError: if the temporary folder is full.
    """
    with tempfile.TemporaryFile() as unnamed, _Storage(unnamed.fileno(), "r+", closefd=False) as storage:
        try:
            with storage.opened() as file:
                yield file
        except OSError as error:
            if error is not storage.failed:
                raise
            raise DataError(f"{tempfile.gettempdir()}: cannot be written: {error.strerror}") from error


class _Storage(io.FileIO):
    """The bytes of an HDF5 file. Once a write has failed, the file is lost, and no later write fails.

    When a file is closed, HDF5 writes again what it could not write before. If that fails, too, it ends in errors that
    no longer tell the reason, or in a crash of the process (h5py 3.16, HDF5 2.0).
    """

    failed: OSError | None = None
    """Why a write failed."""

    @contextmanager
    def opened(self) -> Iterator[h5py.File]:
        """Open the new HDF5 file; the block ends with the error of a write that failed, whatever came of it."""
        try:
            with h5py.File(self, "w") as file:
                yield file
        except Exception as error:  # h5py raises whatever it meets while it closes a file that could not be written
            if self.failed is None:
                raise
            raise self.failed from error
        if self.failed is not None:
            raise self.failed

    def write(self, content: "ReadableBuffer", /) -> int:
        """Write all of ``content``, which the operating system may take in parts."""
        rest = memoryview(content).cast("B")
        size = len(rest)
        while rest and self.failed is None:
            with self._failing():
                rest = rest[super().write(rest) :]
        return size

    def truncate(self, size: int | None = None, /) -> int:
        """Set the size of the file."""
        if self.failed is None:
            with self._failing():
                return super().truncate(size)
        return self.tell() if size is None else size

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failed = error
            raise
