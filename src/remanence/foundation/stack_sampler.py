"""What a thread does, as samples of its stack that another thread takes fifty times a second.

A profiler that the interpreter calls at every function slows the training of a small network by a half
(``pyinstrument`` 5.1 by 56 %, and stacked members by 10 to 16 %); samples take two to four in a hundred. They are
taken where the interpreter lets another thread run, so that a function shorter than a few milliseconds may be missing.
"""

import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

from remanence.foundation.own_time import TURNS
from remanence.foundation.phases import clock

INTERVAL = 0.02
"""Seconds between two samples."""
IDLE = 0.1
"""Seconds between two looks while others work: each of sixty trials that train together has a sampler."""

MODULES = re.compile(r".*/(site-packages|src|python\d[.\d]*)/")
"""A path down to the folder in which its modules are."""

Stack = tuple[str, ...]
"""A phase, and then the functions of a stack, the outermost first."""


class StackSampler(threading.Thread):
    """Samples the stack of the thread that makes it, from ``start`` until ``end``.

    Of a run that takes turns with others, only its own turns are counted, and its share while several train together.
    """

    def __init__(self) -> None:
        super().__init__(name="samples", daemon=True)
        self._thread = threading.get_ident()
        self._phases, self._turns = clock(), TURNS.get()
        self._over = threading.Event()
        self._seconds: dict[tuple[str, tuple[CodeType, ...]], float] = defaultdict(float)

    def run(self) -> None:
        """Take samples until ``end`` is called."""
        last, share = time.perf_counter(), self._share
        while not self._over.wait(INTERVAL / share if share else IDLE):
            now, share = time.perf_counter(), self._share
            if share and (frame := sys._current_frames().get(self._thread)) is not None:
                phase = self._phases.current if self._phases is not None else ""
                self._seconds[phase, _codes(frame)] += share * (now - last)
            last = now

    @property
    def _share(self) -> float:
        """Share of the run in what the thread does now."""
        return 1.0 if self._turns is None else self._turns.share

    def end(self) -> None:
        """Take no more samples."""
        self._over.set()
        self.join()

    def stacks(self) -> dict[Stack, float]:
        """Return the seconds of each stack that was seen, without the outer functions that all of them have."""
        every = [codes for _, codes in self._seconds]
        shared = _shared(every) if every else 0
        seconds: dict[Stack, float] = defaultdict(float)
        for (phase, codes), spent in self._seconds.items():
            seconds[(phase, *map(_name, codes[shared:]))] += spent
        return dict(seconds)


@contextmanager
def sampled(*, wanted: bool = True) -> Iterator[StackSampler | None]:
    """If it is wanted, take samples of this thread inside the block, or until the sampler is told to end."""
    if not wanted:
        yield None
        return
    sampler = StackSampler()
    sampler.start()
    try:
        yield sampler
    finally:
        sampler.end()


def _codes(innermost: FrameType) -> tuple[CodeType, ...]:
    codes, frame = [], innermost
    while True:
        codes.append(frame.f_code)
        if frame.f_back is None:
            return tuple(reversed(codes))
        frame = frame.f_back


def _shared(stacks: list[tuple[CodeType, ...]]) -> int:
    """Return how many outer functions all stacks have in common, but for the innermost one of a stack."""
    most = min(map(len, stacks)) - 1
    return next((depth for depth in range(most) if len({stack[depth] for stack in stacks}) > 1), most)


def _name(code: CodeType) -> str:
    """Return a function with its module, such as ``torch.nn.modules.linear: Linear.forward``.

    Of a file that is in no known folder of modules only its own folder is named: the graph may be shown to others.
    """
    path = code.co_filename.replace("\\", "/").removesuffix(".py")
    inside = MODULES.sub("", path)
    shown = inside if inside != path else "/".join(path.split("/")[-2:])
    return f"{shown.replace('/', '.')}: {code.co_qualname}"
