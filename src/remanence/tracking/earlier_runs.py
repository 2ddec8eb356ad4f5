"""The runs that a run was forked from: earlier states of its campaign."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mlflow.exceptions import MlflowException

from remanence.errors import UserError
from remanence.tracking.campaign import FORKED_TAG, measured
from remanence.tracking.run import Run


def earlier_runs(run: Run) -> list[tuple[str, Mapping[str, Any]]]:
    """Return name and measured values of the runs that a run was forked from, one after the other, the oldest first.

    Returns:
        for each run its name, and a mapping of ``rows`` to the number of its measured rows and of ``targets`` to the
        lowest and highest value of each; a run that was deleted or lacks its tag ends the list.
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    seen = {run.id}
    with suppress(MlflowException, UserError, OSError):  # deleted for good, in another database, or that has gone away
        while (origin := run.found.data.tags.get(FORKED_TAG)) is not None and origin not in seen:
            run = run.beside(origin)
            seen.add(origin)
            values = measured(run.found)
            if values is None:
                break
            found.insert(0, (run.name, values))
    return found
