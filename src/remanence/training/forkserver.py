"""The server that the other processes of a training are forked from; imports nothing heavy itself."""

import multiprocessing
from collections.abc import Mapping
from typing import Any

from remanence.training.launcher import launched_rank

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = ["remanence.training.warm"]
"""What the processes are forked with, by name: this process may not need it."""


def warm_up(trainer: Mapping[str, Any]) -> None:
    """Let the server import what takes seconds while this process does, if ``trainer`` asks for several devices.

    Processes of a launcher are there already.
    """
    devices = trainer["devices"]
    if launched_rank() is None and devices != "auto" and (len(devices) if isinstance(devices, list) else devices) > 1:
        from multiprocessing.forkserver import ensure_running

        CONTEXT.set_forkserver_preload(PRELOADED)
        ensure_running()
