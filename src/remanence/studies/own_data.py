"""The data that a tracked run was trained on, opened again."""

from typing import Any

from remanence.configuration.build import build
from remanence.tracking.reentry import check_unchanged
from remanence.tracking.run import Run


def open_own_data(run: Run) -> Any:
    """Return the data of a run, opened as it opened them: split alike, so that what it held out is held out again.

    Raises:
        DataError: naming the file, if it is not there any more or has another content than when the run read it.
    """
    data = build("data", run.config["data"]).open()
    check_unchanged(run.found, data.sources)
    return data
