"""A tracked run asked again: the data that it was trained on, and what it is asked with."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from remanence.configuration.build import build
from remanence.configuration.marked_keys import names_file
from remanence.errors import ConfigurationError
from remanence.studies.kind import Data
from remanence.tracking.reentry import check_unchanged
from remanence.tracking.run import Run

O = TypeVar("O")  # noqa: E741  of opened data


def open_own_data(run: Run, expected: type[O]) -> O:
    """Return the data of a run, opened as it opened them: split alike, so that what it held out is held out again.

    Args:
        run: that was trained on them.
        expected: type of the opened data.

    Raises:
        DataError: naming the file, if it is not there any more or has another content than when the run read it.
    """
    data: Data = build("data", run.config["data"])
    opened = data.open()
    check_unchanged(run.found, opened.sources)
    if not isinstance(opened, expected):
        raise TypeError(f"Expected data of run {run.id} to be {expected.__name__}, but got {type(opened).__name__}.")
    return opened


def refuse_changes(verb: str, changes: Sequence[str]) -> None:
    """Refuse overrides of ``data`` for a table, in which nothing can be read in another way.

    Raises:
        ConfigurationError: if there is one.
    """
    refuse_second_file(verb, changes)
    if changes:
        raise ConfigurationError(
            f"{verb}: {changes[0]}: a table is read by the names of its columns; only scans take it"
        )


def refuse_second_file(verb: str, changes: Sequence[str]) -> None:
    """Refuse overrides of ``data`` that name another file than the one that is given.

    Raises:
        ConfigurationError: if there is one.
    """
    for change in changes:
        if names_file(change.partition("=")[0]):
            raise ConfigurationError(f"{verb}: {change}: what is read is named already; give one of them")


def check_asked(run: Run, asked: Mapping[str, str], *, known: Sequence[str], what: str) -> None:
    """Refuse keys of ``design`` that mean nothing to the model of a run.

    Args:
        run: whose model is asked.
        asked: further keys of the verb and their values.
        known: keys that mean something.
        what: the run is on, for the message.

    Raises:
        ConfigurationError: if there is another one.
    """
    for key in asked:
        if key not in known:
            takes = ", ".join(f"{name}=" for name in known)
            raise ConfigurationError(f"design: {key}= is not for run {run.id}, which is on {what}; it takes {takes}")
