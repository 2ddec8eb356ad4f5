"""The result of a sweep in Python: a table of all trials, and the best run."""

from typing import TYPE_CHECKING

from remanence.sweeps.deleted_runs import deleted_runs
from remanence.sweeps.repeats import repeats
from remanence.sweeps.summary import finished_runs
from remanence.sweeps.trial_table import best_trials, trial_table
from remanence.verbs.tracked_run import TrackedRun

if TYPE_CHECKING:
    import pandas as pd

    from remanence.sweeps.conduct import Conducted


class FinishedSweep:
    """The result of a sweep.

    Args:
        conducted: study and parent run of the sweep.
    """

    def __init__(self, conducted: "Conducted") -> None:
        self._study, self._parent, self._allowed = conducted.study, conducted.parent, conducted.allowed_targets

    @property
    def name(self) -> str:
        """Name of the sweep's study; the same search under the same name continues this study."""
        return str(self._study.study_name)

    @property
    def run(self) -> TrackedRun:
        """The parent run of the sweep, which groups the runs of its trials and has the figures of the search."""
        return self.tracked(self._parent.id)

    @property
    def trials(self) -> "pd.DataFrame":
        """Table with one row per trial: its outcome, parameters, objectives, and the id of its run."""
        return trial_table(self._study)

    @property
    def repeats(self) -> "pd.DataFrame":
        """Table of every metric over the seeds of a sweep over ``seed``, see ``sweeps.repeats``; else empty."""
        return repeats(self._study, finished_runs(self._parent))

    @property
    def best(self) -> TrackedRun | list[TrackedRun] | None:
        """The best run, or for several objectives the runs of the Pareto front; None if no trial has a value.

        Runs that were deleted in MLflow are left out: it is the best of those that exist.
        """
        deleted = deleted_runs(self._study, self._parent.client)
        best = [self.tracked(trial.user_attrs["run"]) for trial in best_trials(self._study, deleted)]
        if len(self._study.directions) > 1:
            return best
        return best[0] if best else None

    def __repr__(self) -> str:
        """Return the name of the sweep and the number of trials for each outcome."""
        ended = ", ".join(f"{number} {how}" for how, number in self.trials["outcome"].value_counts().items())
        return f"<sweep {self.name}: {ended}>"

    def tracked(self, run_id: str) -> TrackedRun:
        """Return the run of one of the trials by its id."""
        return TrackedRun(self._parent.beside(run_id), self._allowed)
