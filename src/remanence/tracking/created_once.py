"""Creating a run or a model once, on a server that may have done so although its answer was lost."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from remanence.tracking.patience import PAUSE, is_away

T = TypeVar("T")

TRIES = 3
"""Number of times that something is tried to be created, as often as MLflow sends other calls."""
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


def created_once(create: Callable[[], T], find: Callable[[], T | None]) -> T:
    """Return what ``create`` makes; before it is tried again, ``find`` looks what an earlier try has made.

    MLflow sends a call again whose answer is lost. A proxy that waits no longer, or a connection that is cut, loses the
    answer of a server that has done what it was asked for, and a second run or model would stay behind for ever.

    Args:
        create: function that asks the server to create something.
        find: function that returns it if it is there, and otherwise None.

    Raises:
        Exception: what the last try raised; or at once, an error of a server that did answer.
    """
    for remaining in reversed(range(TRIES)):
        try:
            with _sent_once():
                return create()
        except Exception as error:
            if not remaining or not is_away(error):
                raise
        time.sleep(PAUSE)
        if (found := find()) is not None:
            return found
    raise AssertionError("the last try returns or raises")


@contextmanager
def _sent_once() -> Iterator[None]:
    """Let MLflow, which reads the variable at each call, send what is sent inside the block only once."""
    before = os.environ.get(RETRIES)
    os.environ[RETRIES] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[RETRIES]
        else:
            os.environ[RETRIES] = before
