"""The server that forks the other processes of a training; this module imports nothing heavy."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import ModuleType

from remanence.training.launcher import launched_rank
from remanence.training.options import Trainer

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = ["remanence.training.preload"]
"""Modules that the server imports before it forks, given by name because this process may not need them."""
QUIET = (signal.SIGINT, signal.SIGHUP)
"""Signals that a terminal sends to every process; the first one answers, and ends the others."""


def warm_up(trainer: Trainer) -> None:
    """Start the server if ``trainer`` asks for several devices, so that it imports while this process imports too.

    The imports take seconds. Under torchrun or srun the processes exist already, and no server is started.
    """
    devices = trainer.devices
    if launched_rank() is None and devices != "auto" and (len(devices) if isinstance(devices, list) else devices) > 1:
        start_server(PRELOADED)


def start_server(preloaded: list[str]) -> None:
    """Start the fork server if it does not run yet; it imports its modules while this process goes on.

    Ctrl-C in a terminal, and the end of the terminal, reach every process. The fork server and the processes that it
    forks ignore both; this process answers and ends them.

    Args:
        preloaded: names of the modules that the server imports before it forks.
    """
    from multiprocessing.forkserver import ensure_running

    CONTEXT.set_forkserver_preload(preloaded)
    with deaf_to_terminal():
        ensure_running()


@contextmanager
def deaf_to_terminal() -> Iterator[None]:
    """Let a process that is started inside the block ignore Ctrl-C in a terminal, and the end of the terminal."""
    from multiprocessing import resource_tracker

    ignored = [number for number in QUIET if signal.getsignal(number) is not None]
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, signal.SIG_IGN) for number in ignored}  # a new process inherits this
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return
    # only the main thread may set a handler, but a new process also inherits the signals that a thread blocks
    resource_tracker.ensure_running()  # before the block, because this call ends by unblocking the signal
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def end_with_parent() -> None:
    """End this process at once when the one that started it has ended: what it does is for that one alone."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


@contextmanager
def without_main() -> Iterator[None]:
    """Let processes that are started inside the block not import the script that this process runs.

    They import all that they need by name. A script that trains outside of ``if __name__ == "__main__"`` would
    otherwise train again in each of them.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # a module without a file to import
    try:
        yield
    finally:
        sys.modules["__main__"] = script
