"""One line on how long a sweep still takes, where no bar says so: in logs, and beside several processes."""

import time
from collections.abc import Callable

from remanence.foundation.terminal import console

LEAST = 60.0
"""Seconds; of a sweep that ends sooner nothing is said."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class TimeLeft:
    """Told of the trials that have ended, says once how long the others will take by the pace so far.

    Args:
        name: name of the sweep.
        left: function that returns the number of trials that have not ended, in all processes that share the study.
        at_once: trials that this process runs side by side; before as many have ended, the pace is not known.
        together: function that returns how many were in training at a time so far, those that train as one network
            among them: they end at nearly the same time, so that the first of them tells no pace.
        clock: function that returns seconds.
    """

    def __init__(
        self,
        name: str,
        left: Callable[[], int],
        *,
        at_once: int,
        together: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.left, self.at_once, self.together, self.clock = name, left, at_once, together, clock
        self.began, self.trained, self.said = clock(), 0, False

    def __call__(self, trials: int) -> None:
        """Count trials that this process has trained to their end."""
        self.trained += trials
        if self.said or self.trained < max(1, self.at_once, self.together()):
            return
        self.said, taken = True, self.clock() - self.began
        left = self.left()
        remaining = taken / self.trained * left
        if remaining >= LEAST:
            trained = "1 trial" if self.trained == 1 else f"{self.trained} trials"
            console.print(
                f"sweep {self.name}: {trained} took {in_words(taken)}; at this pace the other {left} take about "
                f"{in_words(remaining)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def in_words(seconds: float) -> str:
    """Return a duration in the unit in which it is a small number.

    >>> [in_words(seconds) for seconds in (31.4, 720, 9000, 200_000)]
    ['31 s', '12 min', '2.5 h', '2.3 days']
    """
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 1.5 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h" if seconds < 1.5 * DAY else f"{seconds / DAY:.1f} days"
