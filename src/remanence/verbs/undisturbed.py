"""Working inside a process that belongs to the user: a script or a notebook, and any of its threads."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from remanence.configuration.hydra_globals import EVERYTHING, as_found
from remanence.foundation.phases import timed
from remanence.foundation.terminal import quiet
from remanence.tracking.interruption import Interrupted

_ONE_AT_A_TIME = threading.RLock()
"""Lock that a computing thread holds, because random generators, Hydra and torch have global state in the process."""


def _new_lock() -> None:
    global _ONE_AT_A_TIME
    _ONE_AT_A_TIME = threading.RLock()


os.register_at_fork(after_in_child=_new_lock)  # a thread that holds the lock does not exist in the child process


@contextmanager
def undisturbed(command: Sequence[str] = ("remanence",)) -> Iterator[None]:
    """Do the work of ``command`` inside the block, once no other thread does such work.

    No tables are printed, and Hydra's global state is restored at the end. A SystemExit would end the user's process,
    so an interruption raises KeyboardInterrupt instead, and an exit of a library raises RuntimeError.

    Args:
        command: command that a user would have typed; a run is tagged with it.
    """
    with _as_python_ends(), _ONE_AT_A_TIME, timed(), quiet(), as_found(*EVERYTHING), _typed(command):
        yield


@contextmanager
def _typed(command: Sequence[str]) -> Iterator[None]:
    """Set ``sys.argv`` of this process, and of those that it starts, to a command, see ``tracking.first_tags``."""
    argv, sys.argv = sys.argv, [shlex.join(command)]
    try:
        yield
    finally:
        sys.argv = argv


@contextmanager
def _as_python_ends() -> Iterator[None]:
    """Raise KeyboardInterrupt where a command would exit; pass SIGTERM on to the handler from before the block."""
    try:
        yield
    except Interrupted as stopped:
        if stopped.signal is not signal.SIGINT:
            signal.raise_signal(stopped.signal)  # the previous handler is restored; the default one ends the process
        raise KeyboardInterrupt(f"stopped by {stopped.signal.name}") from None
    except SystemExit as ending:
        if isinstance(ending.__context__, KeyboardInterrupt):  # Lightning turns a KeyboardInterrupt into an exit
            raise KeyboardInterrupt from None
        raise RuntimeError(f"a library has asked to exit with code {ending.code}") from ending
