"""Output files that a user asks for; their path is checked before anything is computed."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from remanence.errors import DataError
from remanence.foundation.whole_file import whole_file


def check_output(
    path: str | Path,
    endings: Collection[str] = (),
    inputs: Iterable[str | Path] = (),
    *,
    what: str = "the input",
) -> None:
    """Refuse a path at which the output file cannot be written.

    Args:
        path: path of the output file.
        endings: allowed file name endings, in lower case; if empty, any ending is allowed.
        inputs: files, and folders of files, that must not be lost.
        what: what the inputs are, for the message.

    Raises:
        DataError: if the ending is not allowed, the folder does not exist or is not writable, ``path`` itself is a
            folder or protected, or it is one of the inputs, under whatever name.
    """
    path = Path(path)
    if endings and path.suffix.lower() not in endings:
        *others, last = endings
        known = f"{', '.join(others)} or {last}" if others else last
        raise DataError(f"{path}: cannot write {path.suffix!r}; expected {known}")
    folder = Path(os.path.realpath(path)).parent  # of the file that a symbolic link leads to
    if not folder.is_dir():
        raise DataError(f"{path}: the folder {folder} does not exist")
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file")
    if path.exists() and not os.access(path, os.W_OK):
        raise DataError(f"{path}: cannot be written: it is write-protected")
    if (path.is_file() or not path.exists()) and not os.access(folder, os.W_OK | os.X_OK):
        raise DataError(f"{path}: cannot be written: the folder {folder} is write-protected")
    for given in inputs:
        if _reads(Path(given), path):
            raise DataError(f"output: {path} is {what}, which would be lost: {given}")


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to, as ``whole_file`` does, and turn any exception into a one-line DataError.

    The block must do nothing but write that file.
    """
    try:
        with whole_file(path) as unfinished:
            yield unfinished
    except Exception as error:  # each writer raises its own exceptions; the user needs file and reason
        raise DataError(f"{path}: cannot be written: {_reason(error)}") from error


def _reads(given: Path, path: Path) -> bool:
    """Return whether ``path`` is a file that is given, or stands in a folder that is given, under whatever name."""
    for file in given.iterdir() if given.is_dir() else [given]:
        with suppress(OSError):  # one of them does not exist
            if file.samefile(path):
                return True
    return False


def _reason(error: Exception) -> str:
    told = os.strerror(error.errno) if isinstance(error, OSError) and error.errno is not None else str(error)
    lines = told.strip().splitlines()
    return lines[0] if lines else type(error).__name__
