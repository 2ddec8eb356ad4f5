"""The time of one run, also of a run that takes turns with others in one thread, see ``training.meeting``."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple


class Moment(NamedTuple):
    """A point in time, or a span of it."""

    wall: float = 0.0
    """Seconds by the clock."""
    processor: float = 0.0
    """Seconds of the processor, of all threads of this process."""

    def plus(self, other: "Moment", share: float = 1.0) -> "Moment":
        """Return the sum with a share of another."""
        return Moment(self.wall + share * other.wall, self.processor + share * other.processor)

    def since(self, other: "Moment") -> "Moment":
        """Return the span between another moment and this one."""
        return self.plus(other, -1.0)


@dataclass
class Turns:
    """The turns of a run that waits while others work in its thread."""

    idle: Moment = field(default_factory=Moment)
    """Time in which others have worked."""
    share: float = 1.0
    """Share of this run in what its thread does now: 0 while others work, a part while several train together."""


TURNS: ContextVar[Turns | None] = ContextVar("turns", default=None)
"""The turns of the current run; None for a run that takes no turns."""


def process_time() -> Moment:
    """Return the time of this process."""
    return Moment(time.perf_counter(), time.process_time())


def own_time() -> Moment:
    """Return a time that goes on while this run works, and by its share while several train together."""
    turns = TURNS.get()
    return process_time() if turns is None else process_time().since(turns.idle)


def own_seconds() -> float:
    """Return the seconds by the clock of ``own_time``."""
    return own_time().wall
