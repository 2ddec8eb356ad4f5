"""Ctrl-C, SIGTERM and SIGHUP as one exception, which passes through Lightning and carries the exit code."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any


class Interrupted(SystemExit):
    """The process was asked to stop; if nobody catches this, it exits with 129 (SIGHUP), 130 (SIGINT) or 143."""

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)
        self.signal = signal.Signals(signum)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a process to stop; SIGHUP comes when a terminal is closed or a connection is lost."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``Interrupted`` on one of ``SIGNALS`` inside the block; outside the main thread, do nothing.

    A signal that already has a handler from another part of the process keeps this handler: on a cluster, the launcher
    decides whether a SIGTERM ends the job or announces that the job will be queued again. One that is ignored stays
    ignored, as SIGHUP does under ``nohup``.

    Without this, Lightning turns a KeyboardInterrupt into ``exit(1)`` and a SIGTERM into a warning, and afterwards
    nobody can tell a killed run from a failed one.
    """

    def interrupt(signum: int, _: FrameType | None) -> None:
        raise Interrupted(signum)

    with _handled(interrupt, only_free=True):
        yield


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End the process at once on one of ``SIGNALS`` inside the block; for use before a run begins, as nothing is lost.

    An exception is not enough here: a callback of an import may swallow it, or it may be reported as a mistake in the
    configuration.
    """

    def end(signum: int, _: FrameType | None) -> None:
        with suppress(Exception):  # the signal may have interrupted a write to stdout
            sys.stdout.flush()
        os._exit(128 + signum)

    with _handled(end, only_free=True):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay ``SIGNALS`` until the end of the block, also one that raises, so that the end of a run can be written down.

    All that came are raised, in order: a worker of a sweep ignores the first, Ctrl-C, and ends by the second, SIGTERM.
    """
    came: list[int] = []
    try:
        with _handled(lambda signum, _: came.append(signum)):
            yield
    finally:
        for number in came:
            signal.raise_signal(number)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let ``SIGNALS`` do nothing inside the block, except in the ``interruptible`` blocks in it.

    An impatient user presses Ctrl-C again while a run writes down that it was stopped; the process ends then anyway.
    """
    with _handled(lambda signum, _: None, only_free=True):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], Any], *, only_free: bool = False) -> Iterator[None]:
    """Install a handler of ``SIGNALS`` inside the block; only the main thread can, others do nothing.

    Args:
        handler: function that is called with the number of the signal and the stack frame.
        only_free: leave alone a signal for which another part of the process has installed a handler.
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
