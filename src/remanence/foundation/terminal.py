"""The console that verbs print to, as wide as the terminal, or wide enough for a table when it is piped."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rich.console import Console

PIPED_WIDTH = 180

_QUIET = ContextVar("quiet", default=False)
"""Whether the current thread prints nothing.

It is set for each thread, because one thread may work silently for a notebook while another prints for a verb.
"""


@contextmanager
def quiet() -> Iterator[None]:
    """Print nothing to ``console`` inside the block, in this thread."""
    before = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(before)


class _VerbConsole(Console):
    """A console without markup, because rich would take the column name "d33 [pC/N]" for a style."""

    def __init__(self, width: int | None = None) -> None:
        super().__init__(width=width, soft_wrap=True, markup=False, emoji=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does, unless this thread is quiet."""
        if not _QUIET.get():
            super().print(*objects, **options)


console: Console = _VerbConsole()
if not console.is_terminal:
    console = _VerbConsole(PIPED_WIDTH)
