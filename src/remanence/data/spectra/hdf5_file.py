"""HDF5 files from users: opened once per process, never read through links, and with one-line error messages."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from h5py import h5g, h5l, h5o
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.dimension import ANCILLARY
from remanence.errors import DataError, UserError
from remanence.foundation.first_few import first_few
from remanence.foundation.terminal import console

_viewing = ContextVar("viewing", default=False)


@contextmanager
def viewing() -> Iterator[None]:
    """Make every ``HDF5File`` of the block a viewer of a file that another process may be writing.

    A viewer takes no lock, which would keep the writer from opening the file (h5py 3.16, HDF5 2.0), and a dataset of
    which nothing was written yet is no mistake.
    """
    token = _viewing.set(True)
    try:
        yield
    finally:
        _viewing.reset(token)


class HDF5File:
    """An HDF5 file that is opened for reading when it is first needed; a context manager.

    A copy in another process, pickled or forked, opens the file again and does not use the handle of the first process.
    External links, external storage and virtual datasets are refused, because they would read files that the user
    never named.

    Args:
        path: path of an HDF5 file.

    Raises:
        DataError: if the file is missing, not HDF5, truncated, or contains external links.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._handle: h5py.File | None = None
        self._process = 0
        self.is_viewer = _viewing.get()
        if not self.path.is_file():
            raise DataError(f"{self.path}: no such file")
        if not h5py.is_hdf5(self.path):
            raise DataError(f"{self.path}: not an HDF5 file")
        self.datasets = self._find_datasets()

    @property
    def handle(self) -> h5py.File:
        """Handle of the file in this process."""
        if self._handle is None or self._process != os.getpid():
            with self.reading("the file"):
                self._handle, self._process = self._opened(), os.getpid()
        return self._handle

    def _opened(self) -> h5py.File:
        """Open the file; one that is being written, or whose writer died, is read as a viewer does."""
        if self.is_viewer:
            return h5py.File(self.path, "r", swmr=True, locking=False)
        try:
            return h5py.File(self.path, "r")
        except OSError as refused:
            try:
                handle = h5py.File(self.path, "r", swmr=True, locking=False)
            except OSError:
                raise refused from None
        console.print(f"{self.path.name}: is being written, or its writer died; read as far as it was written")
        return handle

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Turn any exception of HDF5 into a one-line DataError about ``what``, the part of the file that is read."""
        try:
            yield
        except UserError:
            raise
        except Exception as error:  # a damaged file raises whatever h5py and numpy meet in it
            reason = (str(error).strip("'\" \n").splitlines() or [type(error).__name__])[0]
            raise DataError(f"{self.path}: {what} cannot be read: {reason}") from error

    def dataset(self, path: str) -> h5py.Dataset:
        """Return the dataset at ``path``, opened with the handle of this process.

        Raises:
            DataError: if there is no dataset at ``path``, or its values are stored in another file.
        """
        with self.reading(path):
            data = self.handle.get(path)
        if not isinstance(data, h5py.Dataset):
            group = path.rpartition("/")[0]
            while group and group not in self.handle:
                group = group.rpartition("/")[0]
            held = shortened(list(self.handle[group or "/"]))
            raise DataError(f"{self.path}: no dataset {path}; {group or '/'} has: {held}")
        with self.reading(path):
            elsewhere = data.external or data.is_virtual
        if elsewhere:
            raise DataError(
                f"{self.path}: {path} keeps its values in other files; only data in the file itself is read"
            )
        return data

    def values(self, path: str, selection: tuple[slice, ...] = (), *, copies: int = 1) -> NDArray[Any]:
        """Read the values of a dataset.

        Args:
            path: path of the dataset.
            selection: one slice for each of its first axes; the further ones are read as a whole.
            copies: number of times that the values will stand in memory.

        Raises:
            DataError: if there is no such dataset, or it takes more memory than is free: its declared size costs the
                file nothing.
        """
        data = self.dataset(path)
        with self.reading(path):
            selected = [len(range(*part.indices(length))) for part, length in zip(selection, data.shape, strict=False)]
            shape, itemsize = (*selected, *data.shape[len(selected) :]), data.dtype.itemsize
            chunk = bytes_of(data.chunks, itemsize) if data.chunks else 0  # is unpacked as a whole
            declared = f"{self.path}: {path}, shape {data.shape} of {_type_of(data)},"
            check_fits(declared, max(copies * bytes_of(shape, itemsize), chunk))
            values: NDArray[Any] = data[selection]
        return values

    def check_written(self, data: h5py.Dataset) -> None:
        """Raise DataError for a dataset of which only the shape was written: all its values would be zero."""
        if self.is_viewer and not data.name.endswith(ANCILLARY):
            return
        with self.reading(data.name):
            is_written = data.id.get_storage_size() > 0
        if not is_written:
            raise DataError(f"{self.path}: {data.name} declares the shape {data.shape}, but no value was ever written")

    def attribute(self, path: str, name: str) -> Any:
        """Return an attribute as text or number, or None if there is no such attribute, or nothing in it.

        Raises:
            DataError: if the attribute holds several values.
        """
        with self.reading(f"attribute {name} of {path}"):
            value = self._attribute(self.handle[path], name) if name in self.handle[path].attrs else None
            if isinstance(value, np.ndarray):
                value = value.item()  # of several values, none is meant
        return value.decode() if isinstance(value, bytes) else value

    def texts(self, data: h5py.Dataset, attribute: str) -> list[str]:
        """Return an attribute that is a list of texts, such as ``labels`` or ``units``."""
        with self.reading(f"attribute {attribute} of {data.name}"):
            texts = np.atleast_1d(self._attribute(data, attribute))
        return [text.decode() if isinstance(text, bytes) else str(text) for text in texts]

    def _attribute(self, owner: Any, name: str) -> Any:
        """Return the value of an attribute of a group or dataset, None if it is declared to be empty."""
        stored = owner.attrs.get_id(name)
        if stored.shape is None:
            return None
        size = bytes_of(stored.shape, stored.dtype.itemsize)
        check_fits(f"{self.path}: attribute {name} of {owner.name}, shape {stored.shape},", size)
        return owner.attrs[name]

    def close(self) -> None:
        """Close the file in this process; the next read opens it again."""
        if self._handle is not None and self._process == os.getpid():
            self._handle.close()
        self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": None}

    def _find_datasets(self) -> list[str]:
        """Return the path of every dataset; links are inspected but never followed.

        Each group is opened from the one above it, once even where hard links lead to it by several ways. HDF5's own
        walk opens each by its whole path, and needs a minute for two thousand groups inside each other.
        """
        datasets: list[str] = []
        with self.reading("the list of datasets"):
            root = h5g.open(self.handle.id, b"/")
            seen, open_groups = {h5o.get_info(root).addr}, [("", root, iter(root))]
            while open_groups:
                above, group, names = open_groups[-1]
                if (name := next(names, None)) is None:
                    open_groups.pop()
                    continue
                path = f"{above}/{name.decode(errors='surrogateescape')}"
                kind = group.links.get_info(name).type
                if kind == h5l.TYPE_EXTERNAL:
                    other = group.links.get_val(name)[0].decode(errors="replace")
                    raise DataError(
                        f"{self.path}: {path} is an external link to {other}; only data in the file itself is read"
                    )
                if kind != h5l.TYPE_HARD:
                    continue
                found = h5o.get_info(group, name)
                if found.type == h5o.TYPE_DATASET:
                    datasets.append(path)
                elif found.type == h5o.TYPE_GROUP and found.addr not in seen:
                    seen.add(found.addr)
                    below = h5g.open(group, name)
                    open_groups.append((path, below, iter(below)))
        return datasets


def _type_of(data: h5py.Dataset) -> str:
    """Return the type of the values in a few words, also for records of a thousand fields."""
    names = data.dtype.names
    return f"records of {len(names)} fields" if names else str(data.dtype)[:60]


def shortened(names: Sequence[str]) -> str:
    """Return the first few names as one line, for an error message; of a long path only the end."""
    shown = [name if len(name) <= 100 else f"…{name[-100:]}" for name in names[:8]]
    return first_few(shown, of=len(names)) or "nothing"
