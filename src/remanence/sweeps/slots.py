"""Slots in which trials run: in this process, or wherever one of Hydra's launchers starts them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import TaskFunction

from remanence.configuration.compose import literal
from remanence.configuration.configuration import Configuration
from remanence.errors import UserError
from remanence.foundation.first_line import first_line
from remanence.sweeps.outcome import Outcome


@dataclass(frozen=True)
class Job:
    """A trial that is ready to be run."""

    number: int
    """Number of the trial."""
    overrides: list[str]
    """All overrides of the trial, as on a command line."""
    cfg: Configuration
    """Checked configuration that the overrides compose to."""


Ended = tuple[int, Outcome | str | None]
"""Number of a trial and its outcome.

If the process of the trial died, there is a text on how it died in the place of the outcome. None means that a process
died but nobody knows whether it was the process of this trial.
"""


class Slots(Protocol):
    """A number of slots, each of which runs one trial at a time."""

    @property
    def free(self) -> bool:
        """Whether another trial can be started now."""

    @property
    def busy(self) -> set[int]:
        """Numbers of the trials that were started and have not ended."""

    def start(self, job: Job) -> None:
        """Start a trial."""

    def ended(self) -> list[Ended]:
        """Wait until at least one trial has ended, or for a limited time, and return the trials that have ended."""

    def close(self) -> None:
        """End all trials that still run; each of them saves its state and gives itself back to the study."""


class _Batch:
    """Trials that wait until ``ended`` runs all of them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting: list[Job] = []

    @property
    def free(self) -> bool:
        """Whether the batch has room."""
        return len(self.waiting) < self.size

    @property
    def busy(self) -> set[int]:
        """Numbers of the trials in the batch."""
        return {job.number for job in self.waiting}

    def start(self, job: Job) -> None:
        """Put a trial into the batch."""
        self.waiting.append(job)

    def close(self) -> None:
        """Remove the waiting trials; if they were running, the interruption has ended them or the launcher does."""
        self.waiting.clear()


class Here(_Batch):
    """One slot: this process, which runs one trial, or several that train together."""

    def __init__(self, work: TaskFunction) -> None:
        super().__init__(1)
        self.work = work

    @property
    def room(self) -> int:
        """Number of slots that are free."""
        return int(self.free)

    def start(self, job: Job, *others: Job) -> None:
        """Let trials wait for ``ended``."""
        self.waiting += [job, *others]

    def ended(self) -> list[Ended]:
        """Run the waiting trials."""
        ended: list[Ended] = []
        group = [(job.number, job.cfg.plain) for job in self.waiting]
        run_together(self.work, group, lambda number, outcome: ended.append((number, outcome)))
        self.waiting.clear()
        return ended


def run_together(
    work: TaskFunction, group: Sequence[tuple[int, Mapping[str, Any]]], ended: Callable[[int, Any], object]
) -> None:
    """Run one trial, or several that train together.

    Args:
        work: function that runs a trial.
        group: numbers and configurations of the trials.
        ended: function that is called with the number of a trial and its outcome, as soon as it has ended.
    """
    trials = [(number, literal(plain)) for number, plain in group]
    if len(trials) == 1:
        ((number, cfg),) = trials
        ended(number, work(cfg))
        return
    from remanence.training.meeting import meet  # imports torch, which the trials import as well

    meet([partial(work, cfg) for _, cfg in trials], lambda place, outcome: ended(trials[place][0], outcome))


class Batches(_Batch):
    """As many slots as ``n_jobs``, which are filled together: a Hydra launcher returns when all its jobs have ended.

    The launcher does not say which process of a batch has died. After such a batch, as many trials as it had are
    launched one by one, so that a trial that kills its process does not count as a death of its neighbours.

    Args:
        launcher: launcher that ``hydra/launcher`` names, already set up.
        size: number of trials in a batch.
    """

    def __init__(self, launcher: Launcher, size: int) -> None:
        super().__init__(size)
        self.launcher = launcher
        self.alone = 0
        """Number of trials that are still to be launched one by one."""

    @property
    def free(self) -> bool:
        """Whether the batch has room."""
        return not self.waiting if self.alone else super().free

    def ended(self) -> list[Ended]:
        """Launch the batch, and wait until all its trials have ended."""
        size, answers = len(self.waiting), self._launch()
        self.alone = size if None in answers else max(0, self.alone - 1)
        ended = [(job.number, answer) for job, answer in zip(self.waiting, answers, strict=True)]
        self.waiting = []
        return ended

    def _launch(self) -> Sequence[Outcome | str | None]:
        try:
            returns = self.launcher.launch([job.overrides for job in self.waiting], self.waiting[0].number)
            return [_answer(one) for one in returns]
        except UserError:
            raise
        except Exception as error:  # from the launcher, or because a job could not send its answer
            how = f"{type(self.launcher).__name__}: {first_line(error)}"
            return [how] if len(self.waiting) == 1 else [None] * len(self.waiting)


def _answer(returned: JobReturn) -> Outcome | str:
    try:
        value = returned.return_value
    except Exception as error:  # ``return_value`` raises the exception that the job raised
        value = error
    return value if isinstance(value, Outcome | str) else f"{type(value).__name__}: {first_line(value)}"
