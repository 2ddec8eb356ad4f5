"""What ``trainer.profile`` adds to a run: a table of its phases, and a flame graph of what the process did."""

from collections.abc import Mapping

import pandas as pd
from rich.table import Table

from remanence.figures.flame_graph import flame_graph
from remanence.foundation.own_time import Moment
from remanence.foundation.phases import PHASES, phase
from remanence.foundation.stack_sampler import StackSampler
from remanence.foundation.terminal import console
from remanence.tracking.run import Run

TABLE = "phases"
"""Name of the table."""
GRAPH = "profile.html"
"""Name of the flame graph."""
ALL = "all"
"""Row of the table with the sum of all phases."""


class Profile:
    """Samples of a run, and what is made of them at its end.

    Args:
        sampler: samples of the thread that works for the run.
    """

    def __init__(self, sampler: StackSampler) -> None:
        self.sampler = sampler
        self.phases: dict[str, Moment] = {}
        """Time of each phase, known at the end of the run."""

    def log(self, run: Run) -> dict[str, Moment]:
        """Log ``profile.html`` and the table ``phases``, and return the time of each phase."""
        self.sampler.end()
        with phase("figures"):
            if stacks := self.sampler.stacks():  # none if the run took no longer than a sample
                run.log_text(flame_graph(stacks, title=run.name), GRAPH)
        self.phases = run.phases()
        run.log_table(phase_table(self.phases), TABLE)
        return self.phases

    def print(self) -> None:
        """Print the phases."""
        shown = Table("phase", title="where the time went", title_justify="left")
        for heading in ("seconds", "of the processor", "share"):
            shown.add_column(heading, justify="right")
        shown.add_column("what it is")
        for name, wall, processor, share in phase_table(self.phases).itertuples(index=False):
            style = "bold" if name == ALL else ""
            shown.add_row(name, f"{wall:.2f}", f"{processor:.2f}", f"{share:.1%}", PHASES.get(name, ""), style=style)
        console.print(shown)


def phase_table(phases: Mapping[str, Moment]) -> pd.DataFrame:
    """Return a table with a row for each phase, and one for all of them.

    >>> phase_table({"fit": Moment(3.0, 6.0), "other": Moment(1.0, 1.0)})
       phase  seconds  processor_seconds  share
    0    fit      3.0                6.0   0.75
    1  other      1.0                1.0   0.25
    2    all      4.0                7.0   1.00
    """
    wall = sum(time.wall for time in phases.values())
    every = {**phases, ALL: Moment(wall, sum(time.processor for time in phases.values()))}
    return pd.DataFrame(
        [(name, *time, time.wall / wall) for name, time in every.items()],
        columns=["phase", "seconds", "processor_seconds", "share"],
    )
