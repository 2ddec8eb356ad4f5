"""A sweep as Python sees it: every trial as a row, and the best run."""

from typing import TYPE_CHECKING

from remanence.sweeps.trial_table import best_trials, trial_table
from remanence.verbs.tracked_run import TrackedRun

if TYPE_CHECKING:
    import pandas as pd

    from remanence.sweeps.conduct import Conducted


class FinishedSweep:
    """What a sweep has found.

    Args:
        conducted: where its results are.
    """

    def __init__(self, conducted: "Conducted") -> None:
        self._study, self._parent = conducted.study, conducted.parent

    @property
    def name(self) -> str:
        """Of its study: the same search under the same name goes on with it."""
        return str(self._study.study_name)

    @property
    def run(self) -> TrackedRun:
        """The run that groups those of the trials, with the figures of the search."""
        return self._tracked(self._parent.id)

    @property
    def trials(self) -> "pd.DataFrame":
        """A row a trial: how it ended, parameters, objectives, and the id of its run."""
        return trial_table(self._study)

    @property
    def best(self) -> TrackedRun | list[TrackedRun] | None:
        """The best run, or those of the Pareto front of several objectives; None if no trial has a value."""
        best = [self._tracked(trial.user_attrs["run"]) for trial in best_trials(self._study)]
        if len(self._study.directions) > 1:
            return best
        return best[0] if best else None

    def __repr__(self) -> str:
        """Return its name and how its trials ended."""
        ended = ", ".join(f"{number} {how}" for how, number in self.trials["outcome"].value_counts().items())
        return f"<sweep {self.name}: {ended}>"

    def _tracked(self, run_id: str) -> TrackedRun:
        return TrackedRun(self._parent.beside(run_id))
