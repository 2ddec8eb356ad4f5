"""A heartbeat for trials, because Optuna's own heartbeat works only inside its ``optimize``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from remanence.sweeps.study import SharedStudy
from remanence.tracking.patience import PAUSE

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
        pause = BEAT
        while not ended.wait(pause):
            try:
                study.beat(tuple(numbers))
                pause = BEAT
            except Exception:  # the database is busy or away; when it is back, others have to hear of the trials first
                pause = min(PAUSE, BEAT)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
