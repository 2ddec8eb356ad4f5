"""Ctrl-C and SIGTERM as one exception that Lightning lets through and that carries the exit code."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any


class Interrupted(SystemExit):
    """The process was asked to stop; exits with 130 (SIGINT) or 143 (SIGTERM) unless caught."""

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)
        self.signal = signal.Signals(signum)


SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``Interrupted`` on SIGINT and SIGTERM inside the block; outside the main thread, do nothing.

    A signal that another part of the process has taken is left to it: on a cluster the launcher decides whether a
    SIGTERM ends the job or announces that it will be queued again.

    Lightning turns a KeyboardInterrupt into ``exit(1)`` and a SIGTERM into a warning, after which nobody can tell a
    killed run from a failed one.
    """

    def interrupt(signum: int, _: FrameType | None) -> None:
        raise Interrupted(signum)

    with _handled(interrupt, only_free=True):
        yield


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End the process on SIGINT and SIGTERM inside the block, for as long as no run has begun: nothing is lost.

    An exception would be forgotten in the callbacks of an import, and taken for a mistake in the configuration.
    """

    def end(signum: int, _: FrameType | None) -> None:
        with suppress(Exception):  # the signal may have come while it wrote
            sys.stdout.flush()
        os._exit(128 + signum)

    with _handled(end, only_free=True):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep SIGINT and SIGTERM waiting until the end of the block: for writing down how a run ended."""
    came: list[int] = []
    with _handled(lambda signum, _: came.append(signum)):
        yield
    for number in came[:1]:
        signal.raise_signal(number)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], Any], *, only_free: bool = False) -> Iterator[None]:
    """Handle the signals inside the block, where that is possible: in the main thread.

    Args:
        handler: of the signals.
        only_free: leave those that another part of the process has taken to it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in SIGNALS if not only_free or _is_free(signal.getsignal(number))]
    previous = {number: signal.signal(number, handler) for number in ours}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


def _is_free(handler: Any) -> bool:
    return handler in (signal.SIG_DFL, signal.default_int_handler) or getattr(handler, "__module__", "") == __name__
