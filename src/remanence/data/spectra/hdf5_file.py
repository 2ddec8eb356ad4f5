"""HDF5 files from users: opened once per process, never read through links, and with one-line error messages."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from remanence.errors import DataError


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
                self._handle, self._process = h5py.File(self.path, "r"), os.getpid()
        return self._handle

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Turn any exception of HDF5 into a one-line DataError about ``what``, the part of the file that is read."""
        try:
            yield
        except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
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
        if data.external or data.is_virtual:
            raise DataError(
                f"{self.path}: {path} keeps its values in other files; only data in the file itself is read"
            )
        return data

    def attribute(self, path: str, name: str) -> Any:
        """Return an attribute as text or number, or None if there is no such attribute."""
        with self.reading(f"attribute {name} of {path}"):
            value = self.handle[path].attrs.get(name)
        return value.decode() if isinstance(value, bytes) else value

    def texts(self, data: h5py.Dataset, attribute: str) -> list[str]:
        """Return an attribute that is a list of texts, such as ``labels`` or ``units``."""
        with self.reading(f"attribute {attribute} of {data.name}"):
            texts = np.atleast_1d(data.attrs[attribute])
        return [text.decode() if isinstance(text, bytes) else str(text) for text in texts]

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
        """Return the path of every dataset; links are inspected but never followed."""
        datasets: list[str] = []
        external: list[str] = []
        handle = self.handle

        def visit(name: str, link: Any) -> None:
            if isinstance(link, h5py.ExternalLink):
                external.append(f"/{name} is an external link to {link.filename}")
            elif isinstance(link, h5py.HardLink) and isinstance(handle[name], h5py.Dataset):
                datasets.append(f"/{name}")

        with self.reading("the list of datasets"):
            handle.visititems_links(visit)
        if external:
            raise DataError(f"{self.path}: {external[0]}; only data in the file itself is read")
        return datasets


def shortened(names: Sequence[str]) -> str:
    """Return the first few names as one line, for an error message."""
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "nothing"
