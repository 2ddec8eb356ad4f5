"""Files that cannot be read as what they should be: one line that names the file, whatever a library raised."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remanence.errors import DamagedFile, UserError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise DamagedFile for anything that goes wrong while the content of a file is read inside the block.

    An OSError passes: the file is missing or may not be read, and its content is not to blame. The message of an
    UnpicklingError is not shown, because torch advises in it to load with ``weights_only=False``, which runs any code
    that the file holds.
    """
    try:
        yield
    except (UserError, OSError):
        raise
    except pickle.UnpicklingError as error:
        raise DamagedFile(path, "it holds more than plain values and tensors") from error
    except Exception as error:
        lines = str(error).strip().splitlines() or ["it ends too early"]
        raise DamagedFile(path, f"{type(error).__name__}: {lines[0]}") from error
