"""A heartbeat: a thread that says again and again that this process is alive."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from remanence.tracking.patience import PAUSE


@contextmanager
def beating(beat: Callable[[], None], every: float, *, name: str) -> Iterator[None]:
    """Call ``beat`` in a thread inside the block.

    Args:
        beat: function that tells a database that this process is alive.
        every: seconds between two calls. A call that fails is repeated sooner: when the database is back, it has to
            hear from here first.
        name: name of the thread.
    """
    ended = threading.Event()

    def run() -> None:
        pause = every
        while not ended.wait(pause):
            try:
                beat()
                pause = every
            except Exception:  # the database is busy or away
                pause = min(PAUSE, every)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
