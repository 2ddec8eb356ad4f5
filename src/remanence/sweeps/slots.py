"""Where trials run: in this process, or wherever one of Hydra's launchers brings them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import TaskFunction
from omegaconf import OmegaConf

from remanence.configuration.configuration import Configuration
from remanence.configuration.validate import first_line
from remanence.errors import UserError
from remanence.sweeps.outcome import Outcome


@dataclass(frozen=True)
class Job:
    """A trial that is to be run."""

    number: int
    overrides: list[str]
    """All of them, as a command line would have them."""
    cfg: Configuration
    """What they compose to, checked."""


Ended = tuple[int, Outcome | str | None]
"""Number of a trial, and its outcome or, if its process died, how; None if nobody knows whether it was this one's."""


class Slots(Protocol):
    """A number of places for trials."""

    @property
    def free(self) -> bool:
        """Whether another trial can be started now."""

    @property
    def busy(self) -> set[int]:
        """Numbers of the trials that were started and have not ended."""

    def start(self, job: Job) -> None:
        """Start a trial."""

    def ended(self) -> list[Ended]:
        """Wait until at least one trial has ended, or for a while."""

    def close(self) -> None:
        """End what still runs, in good order; interrupted trials give themselves back to the study."""


class _Batch:
    """Trials that wait until ``ended`` runs them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting: list[Job] = []

    @property
    def free(self) -> bool:
        """Whether the batch has room."""
        return len(self.waiting) < self.size

    @property
    def busy(self) -> set[int]:
        """Trials of the batch."""
        return {job.number for job in self.waiting}

    def start(self, job: Job) -> None:
        """Put a trial into the batch."""
        self.waiting.append(job)

    def close(self) -> None:
        """Forget what waits: an interruption has ended it, or it belongs to a launcher."""
        self.waiting.clear()


class Here(_Batch):
    """One slot: this process."""

    def __init__(self, work: TaskFunction) -> None:
        super().__init__(1)
        self.work = work

    def ended(self) -> list[Ended]:
        """Run the waiting trial."""
        outcome = self.work(OmegaConf.create(dict(self.waiting[0].cfg.plain)))
        return [(self.waiting.pop().number, outcome)]


class Batches(_Batch):
    """As many slots as ``n_jobs``, filled together: a launcher of Hydra answers when all its jobs have ended.

    It does not say which process of a batch has died. As many trials as were in such a batch go one by one after it, so
    that a trial which kills its process does not count against its neighbours.

    Args:
        launcher: that ``hydra/launcher`` names, set up.
        size: trials in a batch.
    """

    def __init__(self, launcher: Launcher, size: int) -> None:
        super().__init__(size)
        self.launcher = launcher
        self.alone = 0
        """Trials to be launched one by one."""

    @property
    def free(self) -> bool:
        """Whether the batch has room."""
        return not self.waiting if self.alone else super().free

    def ended(self) -> list[Ended]:
        """Launch the batch and wait for all of it."""
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
        except Exception as error:  # of the launcher or of a job that could not send its answer
            how = f"{type(self.launcher).__name__}: {first_line(error)}"
            return [how] if len(self.waiting) == 1 else [None] * len(self.waiting)


def _answer(returned: JobReturn) -> Outcome | str:
    try:
        value = returned.return_value
    except Exception as error:  # Hydra raises here what the job raised
        value = error
    return value if isinstance(value, Outcome) else f"{type(value).__name__}: {first_line(value)}"
