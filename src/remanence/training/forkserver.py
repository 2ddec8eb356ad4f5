"""The server that forks the other processes of a training; this module imports nothing heavy."""

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from remanence.training.launcher import launched_rank
from remanence.training.options import Trainer

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = ["remanence.training.warm"]
"""Modules that the server imports before it forks, given by name because this process may not need them."""


def warm_up(trainer: Trainer) -> None:
    """Start the server if ``trainer`` asks for several devices, so that it imports while this process imports too.

    The imports take seconds. Under torchrun or srun the processes exist already, and no server is started.
    """
    devices = trainer.devices
    if launched_rank() is None and devices != "auto" and (len(devices) if isinstance(devices, list) else devices) > 1:
        from multiprocessing.forkserver import ensure_running

        CONTEXT.set_forkserver_preload(PRELOADED)
        ensure_running()


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
