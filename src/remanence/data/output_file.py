"""Files that a user asks for: their place is looked at before anything is computed for them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from remanence.errors import DataError


def check_output(path: str | Path, endings: Collection[str] = ()) -> None:
    """Refuse a place where no such file can be written.

    Args:
        path: of the file.
        endings: that it may have, in lower case; any where there are none.

    Raises:
        DataError: if the ending is another one, the folder does not exist, or a folder has that name.
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
    """Turn what is raised while ``path`` is written, and nothing else is done, into one line."""
    try:
        yield
    except Exception as error:  # each writer has its own exceptions; the user needs the file and the reason
        lines = str(getattr(error, "strerror", None) or error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: cannot be written: {lines[0]}") from error
