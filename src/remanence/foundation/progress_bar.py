"""A bar with speed and time left for work that takes a while; nothing is shown where there is no terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

BYTES = "bytes"
_DRAWN = Lock()
"""Held while a bar is drawn: a terminal has room for one, that of the whole, and none is drawn by a forked process."""


class _Done(ProgressColumn):
    """How much is done of how much, and how fast."""

    def render(self, task: Task) -> Text:
        """Return for example ``120/400 epochs, 31.2/s``."""
        speed = f", {task.speed:.3g}/s" if task.speed else ""
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f} {task.fields['unit']}{speed}")


class Bar:
    """A bar, or what stands for one where none is drawn."""

    def __init__(self, bars: Progress | None = None, task: TaskID | None = None) -> None:
        self._bars, self._task = bars, task

    def __call__(self, parts: int) -> None:
        """Move on by the number of parts that were done since the last call."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, parts)

    def set_total(self, total: int) -> None:
        """Say how many parts there are, where that was not known before."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, total=total)


@contextmanager
def advancing(what: str, total: int | None, unit: str, *, done: int = 0) -> Iterator[Bar]:
    """Yield a bar, which is moved on by calling it and is removed at the end of the block.

    Without a terminal, and inside the block of another bar, nothing is drawn.

    Args:
        what: what is done, shown before the bar.
        total: number of parts; None if it is not known yet.
        unit: what the parts are, such as ``epochs``; ``BYTES`` are shown as megabytes.
        done: parts that are done already.
    """
    if sys.stderr is None or not sys.stderr.isatty() or not _DRAWN.acquire(blocking=False):
        yield Bar()
        return
    try:
        columns = [DownloadColumn(), TransferSpeedColumn()] if unit == BYTES else [_Done()]
        bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            *columns,
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),  # what goes into a file stays there
        )
        with bars:
            bar = bars.add_task(what, total=total, completed=done, unit=unit)
            yield Bar(bars, bar)
    finally:
        _DRAWN.release()
