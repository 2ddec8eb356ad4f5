"""Fitting estimators in a process of their own, on a core that the training of networks leaves idle."""

import multiprocessing
import signal
import threading
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from remanence.training.forkserver import QUIET, deaf_to_terminal, end_with_parent, without_main

CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy the locks of threads that run at that time
Work = Callable[[], Any]
"""What the other process does; it and what it returns can be pickled."""
Answer = Callable[[Hashable], Any]
"""Function that returns what the work of a key has brought; it waits until it is done."""


@contextmanager
def in_other_process(works: Mapping[Hashable, Work]) -> Iterator[Answer]:
    """Do some works in another process, one after the other, while this process goes on inside the block.

    The process ends with the block, and also if this one is killed. The results are those of works that are done here,
    and so is an exception, which is raised when the result is asked for. If the process dies, as when memory runs out,
    a work is done here when its result is asked for.
    """
    other = _Other(works)
    try:
        yield other.answer
    finally:
        other.end()


class _Other:
    """The other process, as this one sees it."""

    def __init__(self, works: Mapping[Hashable, Work]) -> None:
        self.works = works
        self.results: dict[Hashable, tuple[Any, Exception | None]] = {}
        self.changed, self.is_over = threading.Condition(), False
        self.connection, there = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_serve, args=(there,), name="other process", daemon=True)
        with without_main(), deaf_to_terminal():
            self.process.start()
        there.close()
        self.thread = threading.Thread(target=self._listen, name="other process", daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        try:
            self.connection.send(self.works)  # which waits until the other process has imported what it needs
            for _ in self.works:
                key, result, error = self.connection.recv()
                with self.changed:
                    self.results[key] = result, error
                    self.changed.notify_all()
        except Exception:  # it died, or its answer cannot be read here: whatever is missing is done here
            pass
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def answer(self, key: Hashable) -> Any:
        """Return the result of a work, or raise its exception."""
        with self.changed:
            self.changed.wait_for(lambda: key in self.results or self.is_over)
        if key not in self.results:
            return self.works[key]()
        result, error = self.results.pop(key)
        if error is not None:
            raise error
        return result

    def end(self) -> None:
        """Kill the process; it holds nothing that needs an orderly end."""
        self.process.kill()
        self.process.join()
        self.thread.join()
        self.connection.close()


def _serve(connection: Connection) -> None:
    """Do the works that arrive, and send the result of each."""
    for number in QUIET:
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # as in the other processes of a training
    end_with_parent()
    for key, work in connection.recv().items():
        told: tuple[Hashable, Any, Exception | None]
        try:
            told = key, work(), None
        except Exception as error:
            told = key, None, error
        with suppress(Exception):  # what cannot be sent is done again there
            connection.send(told)
