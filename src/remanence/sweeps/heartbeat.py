"""A heartbeat for trials, because Optuna's own heartbeat works only inside its ``optimize``."""

from collections.abc import Iterator
from contextlib import contextmanager

from remanence.sweeps.study import SharedStudy
from remanence.tracking.beating import beating

BEAT = 15.0
"""Seconds between two heartbeats; ``study.SILENCE`` is several times as long."""


@contextmanager
def heartbeat(study: SharedStudy, numbers: set[int]) -> Iterator[None]:
    """Write heartbeats of trials inside the block.

    Args:
        study: study of the trials.
        numbers: numbers of the trials; the set may change inside the block.
    """
    with beating(lambda: study.beat(tuple(numbers)), BEAT, name="heartbeat"):
        yield
