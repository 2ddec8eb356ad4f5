"""Where the time of a command goes: seconds of its phases, each counted once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from remanence.foundation.own_time import Moment, own_time

OTHER = "other"
PHASES = {
    "imports": "loading torch, Lightning, MLflow and the package",
    "composition": "Hydra, the checks of the configuration, and finding the run that is resumed or forked",
    "data": "opening, checking and splitting the data",
    "model": "building the model, and writing the fitted one as the logged model",
    "fit": "training the model of the run",
    "baselines": "fitting the baselines",
    "scores": "blends, predictions of held-out rows, metrics",
    "figures": "figures, tables and cards",
    "tracking": "calls of MLflow, copies of artifacts, lineage; also those that happen inside another phase",
    "trials": "of a sweep: from the first trial to the end of the last one",
    OTHER: "the rest",
}
"""Name of each phase to what happens in it."""


class Phases:
    """A clock that is always in one phase, so that the seconds of all phases are those of the whole."""

    def __init__(self) -> None:
        self.current = OTHER
        """The phase that the clock is in."""
        self._spent: dict[str, Moment] = {}
        self._since = own_time()

    def turn_to(self, name: str) -> str:
        """Let the phase ``name`` begin, and return the one that ends by it."""
        now = own_time()
        self._spent[self.current] = self._spent.get(self.current, Moment()).plus(now.since(self._since))
        before, self.current, self._since = self.current, name, now
        return before

    def so_far(self) -> dict[str, Moment]:
        """Return the time of each phase that there was, in the order of ``PHASES``."""
        self.turn_to(self.current)
        return {name: self._spent[name] for name in PHASES if name in self._spent}


_CLOCK: ContextVar[Phases | None] = ContextVar("phases", default=None)


def clock() -> Phases | None:
    """Return the clock of the current command; None where nobody asked for one, as in another thread."""
    return _CLOCK.get()


@contextmanager
def timed() -> Iterator[Phases]:
    """Count the phases inside the block by a clock of their own; an outer clock goes on in the phase that it is in."""
    phases = Phases()
    outer = _CLOCK.set(phases)
    try:
        yield phases
    finally:
        _CLOCK.reset(outer)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Count the time inside the block as that of a phase, but for the phases inside it.

    Args:
        name: one of ``PHASES``.
    """
    if (phases := _CLOCK.get()) is None:
        yield
        return
    before = phases.turn_to(name)
    try:
        yield
    finally:
        phases.turn_to(before)
