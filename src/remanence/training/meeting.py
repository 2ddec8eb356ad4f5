"""Runs of one process that wait for each other where they train, so that they can train together.

Each run is ordinary code: it reads its data, begins its MLflow run, trains, draws and logs. In a meeting, several of
them take turns in one thread. One that asks for a training waits; when all have asked or ended, the trainings are done
together, and each run goes on with its own result as if it had trained alone.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

import torch
from greenlet import getcurrent, greenlet

from remanence.foundation.own_time import TURNS, Turns, process_time
from remanence.training.random_state import generator_states, restore_generators
from remanence.training.ranks import ALONE
from remanence.training.shared_in_meeting import SHARED

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")

Train = Callable[[Sequence[A]], Sequence[R | Exception]]
"""Function that does several trainings, and returns the result of each or the exception with which it ended."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that a run handles while it is tracked."""
_meeting: ContextVar["_Meeting | None"] = ContextVar("meeting", default=None)


def is_meeting() -> bool:
    """Return whether this run is one of several that train together."""
    return _meeting.get() is not None


def ask(wanted: A, train: Train[A, R]) -> R:
    """Return the result of a training; in a meeting, it is done together with those of the other runs.

    Args:
        wanted: the training.
        train: function that does it, and others of its kind with it.
    """
    meeting = _meeting.get()
    result = train([wanted])[0] if meeting is None else meeting.wait(wanted, train)
    if isinstance(result, Exception):
        raise result
    return result


def meet(works: Sequence[Callable[[], T]], ended: Callable[[int, T], object]) -> None:
    """Do several works, whose trainings are done together.

    Args:
        works: functions that may call ``ask``.
        ended: function that is called with the number of a work and what it returned, as soon as it has.

    Raises:
        BaseException: what ends a work that way, such as an interruption; it ends all others before.
    """
    with _process_as_before():
        _Meeting(works, ended).hold()


class _Meeting:
    def __init__(self, works: Sequence[Callable[[], Any]], ended: Callable[[int, Any], object]) -> None:
        self.ended = ended
        self.shared: dict[str, Any] = {}
        """What the works share, such as data that they read alike."""
        self.hub = getcurrent()
        self.works = [greenlet(self._numbered(number, work), self.hub) for number, work in enumerate(works)]
        self.waiting: list[tuple[greenlet, Any, Train[Any, Any]]] = []
        self.turns: dict[greenlet, Turns] = {}
        """Time in which each work has waited for others, of the works that have begun."""

    def _numbered(self, number: int, work: Callable[[], Any]) -> Callable[[], None]:
        context = copy_context()
        context.run(_meeting.set, self)
        context.run(SHARED.set, self.shared)
        turns = Turns()
        context.run(TURNS.set, turns)

        def run() -> None:
            getcurrent().gr_context = context
            self.turns[getcurrent()] = turns
            self.ended(number, work())

        return run

    def hold(self) -> None:
        """Do all works."""
        try:
            for work in self.works:
                work.switch()
            while self.waiting:
                self._train_together()
        except BaseException as error:
            for work in self.works:
                if work and not work.dead:  # it began, and notes down itself how it was ended
                    with suppress(BaseException):
                        work.throw(error)
            raise

    def _train_together(self) -> None:
        asked, self.waiting = self.waiting, []
        kinds: dict[Train[Any, Any], list[tuple[greenlet, Any]]] = {}
        for work, wanted, train in asked:
            kinds.setdefault(train, []).append((work, wanted))
        for train, own in kinds.items():
            with _shared_by([self.turns[work] for work, _ in own]):
                results = train([wanted for _, wanted in own])
            for (work, _), result in zip(own, results, strict=True):
                work.switch(result)

    def wait(self, wanted: Any, train: Train[Any, Any]) -> Any:
        """Let the other works go on until this one's training has been done, and return its result."""
        states, turns, began = generator_states(), self.turns[getcurrent()], process_time()
        self.waiting.append((getcurrent(), wanted, train))
        turns.share = 0.0
        try:
            result = self.hub.switch()
        finally:
            turns.share, turns.idle = 1.0, turns.idle.plus(process_time().since(began))
        restore_generators([states], ALONE)  # what a run draws after its training must not depend on other runs
        return result


@contextmanager
def _shared_by(turns: Sequence[Turns]) -> Iterator[None]:
    """Count the time of the block as that of several works, in equal shares."""
    began, share = process_time(), 1 / len(turns)
    for each in turns:
        each.share = share
    try:
        yield
    finally:
        took = process_time().since(began)
        for each in turns:
            each.share, each.idle = 0.0, each.idle.plus(took, -share)


@contextmanager
def _process_as_before() -> Iterator[None]:
    """Restore after the block what works may leave otherwise that were begun and ended crosswise."""
    threads, handlers = torch.get_num_threads(), {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
