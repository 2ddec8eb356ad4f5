"""Working inside a process that belongs to somebody else: a script, a notebook, one of its threads."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from remanence.configuration.hydra_globals import EVERYTHING, as_found
from remanence.foundation.terminal import quiet
from remanence.tracking.interruption import Interrupted

_ONE_AT_A_TIME = threading.RLock()
"""Held by whoever computes: generators, Hydra and the switches of torch are of the whole process."""


def _new_lock() -> None:
    global _ONE_AT_A_TIME
    _ONE_AT_A_TIME = threading.RLock()


os.register_at_fork(after_in_child=_new_lock)  # the thread that held it is not in the child


@contextmanager
def undisturbed(command: Sequence[str] = ("remanence",)) -> Iterator[None]:
    """Do the work of ``command`` inside the block, as soon as no other thread does any.

    It prints no tables, leaves Hydra's global state as it was found, and ends in no exception that would end the
    process: where a command exits, there is a KeyboardInterrupt.

    Args:
        command: what a user would have typed; a run is tagged with it.
    """
    with _as_python_ends(), _ONE_AT_A_TIME, quiet(), as_found(*EVERYTHING), _typed(command):
        yield


@contextmanager
def _typed(command: Sequence[str]) -> Iterator[None]:
    """Let the process, and those that it starts, bear a command line, see ``tracking.start``."""
    argv, sys.argv = sys.argv, [shlex.join(command)]
    try:
        yield
    finally:
        sys.argv = argv


@contextmanager
def _as_python_ends() -> Iterator[None]:
    """Raise KeyboardInterrupt where a command would exit; hand SIGTERM on to whom it was meant for."""
    try:
        yield
    except Interrupted as stopped:
        if stopped.signal is not signal.SIGINT:
            signal.raise_signal(stopped.signal)  # the handler of before is back, and by default ends the process
        raise KeyboardInterrupt(f"stopped by {stopped.signal.name}") from None
    except SystemExit as ending:
        if isinstance(ending.__context__, KeyboardInterrupt):  # as Lightning answers it
            raise KeyboardInterrupt from None
        raise RuntimeError(f"a library has asked to exit with code {ending.code}") from ending
