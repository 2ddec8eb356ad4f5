"""A heartbeat for trials, because Optuna's own heartbeat works only inside its ``optimize``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from remanence.sweeps.study import SharedStudy

BEAT = 15.0
"""Seconds between two heartbeats; ``study.SILENCE`` is several times as long."""


@contextmanager
def heartbeat(study: SharedStudy, numbers: set[int]) -> Iterator[None]:
    """Write heartbeats of trials inside the block.

    Args:
        study: study of the trials.
        numbers: numbers of the trials; the set may change inside the block.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            with suppress(Exception):  # if the database is busy now, the next heartbeat tries again
                study.beat(tuple(numbers))

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
