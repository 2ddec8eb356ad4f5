"""Links from the description of a run on MLflow's page to the runs that were forked from it."""

import re
from collections.abc import Sequence
from contextlib import suppress

from mlflow import MlflowClient

from remanence.tracking.campaign import FORKED_TAG
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.run import Run
from remanence.tracking.search import search

NOTE_TAG = "mlflow.note.content"
"""Tag with the description, in Markdown."""
MOST_LINKS = 20
MOST_LETTERS = 8000
"""Longest value of a tag that MLflow takes."""
WORDS = "Forks of this run:"
LINE = re.compile(rf"^{WORDS} \[[0-9a-f]{{{SHORT_ID}}}\]\(#/runs/.*$", re.MULTILINE)
"""The line of links in a description."""


def link_from_origin(tracked: Run) -> bool:
    """Add a run to the description of the run that it was forked from, and return whether that is not yet possible.

    A run that another process writes is left alone: it may describe itself at any time. Nothing that goes wrong here
    matters to the fork: its origin may be deleted, in another database, or not ours to change.
    """
    origin_id = tracked.found.data.tags.get(FORKED_TAG)
    if origin_id is None:
        return False
    with suppress(Exception):  # whatever a database, a server or MLflow raises
        origin = tracked.database.get_run(origin_id)
        if origin.info.status == "RUNNING":
            return True
        text = origin.data.tags.get(NOTE_TAG, "")
        linked = with_forks(text, forks(tracked.database, origin_id))
        if linked != text:
            tracked.database.set_tag(origin_id, NOTE_TAG, linked)
    return False


def forks(client: MlflowClient, run_id: str) -> list[str]:
    """Return the ids of the runs that were forked from a run, the oldest first."""
    return [run.info.run_id for run in search(client, f"tags.`{FORKED_TAG}` = '{run_id}'")]


def with_forks(text: str, forked: Sequence[str]) -> str:
    r"""Return a description with one line of links, in the place of an earlier one, or at the end.

    Args:
        text: description; whatever else a user has written in it stays.
        forked: ids of the forks; the last ones of many are shown.

    >>> with_forks("Mine.", ["c" * 32])
    'Mine.\n\nForks of this run: [cccccccc](#/runs/cccccccccccccccccccccccccccccccc)'
    """
    if not forked:
        return text
    more = f", and {len(forked) - MOST_LINKS} earlier ones" if len(forked) > MOST_LINKS else ""
    line = f"{WORDS} " + ", ".join(f"[{each[:SHORT_ID]}](#/runs/{each})" for each in forked[-MOST_LINKS:]) + more
    linked, number = LINE.subn(line, text, count=1)
    linked = linked if number else f"{text}\n\n{line}" if text else line
    return linked if len(linked) <= MOST_LETTERS else text
