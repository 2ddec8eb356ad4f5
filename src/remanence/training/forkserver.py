"""The server that the other processes of a training are forked from; imports nothing heavy itself."""

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from remanence.training.launcher import launched_rank
from remanence.training.options import Trainer

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = ["remanence.training.warm"]
"""What the processes are forked with, by name: this process may not need it."""


def warm_up(trainer: Trainer) -> None:
    """Let the server import what takes seconds while this process does, if ``trainer`` asks for several devices.

    Processes of a launcher are there already.
    """
    devices = trainer.devices
    if launched_rank() is None and devices != "auto" and (len(devices) if isinstance(devices, list) else devices) > 1:
        from multiprocessing.forkserver import ensure_running

        CONTEXT.set_forkserver_preload(PRELOADED)
        ensure_running()


@contextmanager
def without_main() -> Iterator[None]:
    """Start processes inside the block that do not import the script which this process runs.

    Everything that they need is imported by its name. A script that trains outside of ``if __name__ == "__main__"``
    would train again in each of them.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # which has no file that could be imported
    try:
        yield
    finally:
        sys.modules["__main__"] = script
