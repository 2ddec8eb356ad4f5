"""Output files that a user asks for; their path is checked before anything is computed."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from remanence.errors import DataError


def check_output(path: str | Path, endings: Collection[str] = ()) -> None:
    """Refuse a path at which the output file cannot be written.

    Args:
        path: path of the output file.
        endings: allowed file name endings, in lower case; if empty, any ending is allowed.

    Raises:
        DataError: if the ending is not allowed, the folder does not exist, or ``path`` itself is a folder.
    """
    path = Path(path)
    if endings and path.suffix.lower() not in endings:
        *others, last = endings
        known = f"{', '.join(others)} or {last}" if others else last
        raise DataError(f"{path}: cannot write {path.suffix!r}; expected {known}")
    if not path.absolute().parent.is_dir():
        raise DataError(f"{path}: the folder {path.absolute().parent} does not exist")
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file")


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Turn any exception into a one-line DataError about ``path``; the block must do nothing but write that file."""
    try:
        yield
    except Exception as error:  # each writer raises its own exceptions; the user needs file and reason
        lines = str(getattr(error, "strerror", None) or error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: cannot be written: {lines[0]}") from error
