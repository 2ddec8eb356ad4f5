"""Ctrl-C and SIGTERM as one exception that Lightning lets through and that carries the exit code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in SIGNALS if _is_free(signal.getsignal(number))]
    previous = {number: signal.signal(number, interrupt) for number in ours}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_free(handler: Any) -> bool:
    return handler in (signal.SIG_DFL, signal.default_int_handler) or getattr(handler, "__module__", "") == __name__


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore SIGINT and SIGTERM inside the block: for writing down how a run ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
