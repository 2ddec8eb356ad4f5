"""A sign of life for trials, because Optuna's own beats only inside its ``optimize``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from remanence.sweeps.study import SharedStudy

BEAT = 15.0
"""Seconds between two signs; ``study.SILENCE`` is several of them."""


@contextmanager
def heartbeat(study: SharedStudy, numbers: set[int]) -> Iterator[None]:
    """Beat for the trials in ``numbers``, which may change, as long as the block runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            with suppress(Exception):  # a database that is busy now is asked again by the next beat
                study.beat(tuple(numbers))

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
