"""The data that a tracked run was trained on, and checks of what a verb is asked to do with a run."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from remanence.configuration.build import build
from remanence.configuration.marked_keys import is_missing_file, names_file
from remanence.data.table_format import TableFormat
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import quiet
from remanence.studies.kind import Data
from remanence.tracking.parameters import flatten
from remanence.tracking.recorded_sources import recorded_sources
from remanence.tracking.reentry import check_unchanged
from remanence.tracking.run import Run

O = TypeVar("O")  # noqa: E741  type of the opened data


def open_own_data(run: Run, expected: type[O]) -> O:
    """Open the data of a run again, with the same split, so that the same rows are held out.

    Args:
        run: run that was trained on the data.
        expected: type of the opened data.

    Raises:
        DataError: if the file is missing, or its content has changed since the run read it, naming the file.
    """
    check_files(run.config["data"], run.id)
    data: Data = build("data", run.config["data"])
    with quiet():  # what was guessed, and how rows are held out, was told when the run was trained
        opened = data.open()
    check_unchanged(run.found, opened.sources)
    if not isinstance(opened, expected):
        raise TypeError(f"Expected data of run {run.id} to be {expected.__name__}, but got {type(opened).__name__}.")
    return opened


def own_files(run: Run) -> list[str]:
    """Return the files and folders that a run was trained on, as its configuration and its dataset inputs name them."""
    named = [str(value) for key, value in flatten(run.config["data"], "data") if names_file(key) and value]
    return named + [source.location for source in recorded_sources(run.found) if source.kind == "local"]


def check_files(data: Mapping[str, Any], run_id: str) -> None:
    """Refuse to read the data of a run if a file that it names is gone: moved outputs do not take the data along.

    Raises:
        DataError: naming the file, and the key with which its new place can be given.
    """
    for key, value in flatten({"data": data}):
        if isinstance(value, str) and is_missing_file(key, value):
            raise DataError(f"{value}: no such file; run {run_id} read its data there; give {key}=<where it is now>")


def refuse_changes(verb: str, changes: Sequence[str]) -> None:
    """Refuse overrides of ``data`` for a table, because a table can be read in one way only.

    Raises:
        ConfigurationError: if there is an override.
    """
    refuse_second_file(verb, changes)
    if changes:
        raise ConfigurationError(
            f"{verb}: {changes[0]}: a table is read by the names of its columns; only scans take it"
        )


def format_of(verb: str, changes: Sequence[str]) -> TableFormat:
    """Return what overrides such as ``data.sheet=2`` say of the file of a table.

    Raises:
        ConfigurationError: if there is any other override.
    """
    format, others = TableFormat.taken_from(changes)
    refuse_changes(verb, others)
    return format


def refuse_second_file(verb: str, changes: Sequence[str]) -> None:
    """Refuse overrides of ``data`` that name a second file beside the one that is given.

    Raises:
        ConfigurationError: if there is such an override.
    """
    for change in changes:
        if names_file(change.partition("=")[0]):
            raise ConfigurationError(f"{verb}: {change}: what is read is named already; give one of them")


def check_asked(run: Run, asked: Mapping[str, str], *, known: Sequence[str], what: str, verb: str = "design") -> None:
    """Refuse keys of ``design`` or ``suggest`` that mean nothing to the model of a run.

    Args:
        run: run whose model is asked.
        asked: further keys of the verb and their values.
        known: keys that the model understands.
        what: kind of data of the run, for the error message.
        verb: verb that asks, for the error message.

    Raises:
        ConfigurationError: if ``asked`` has a key that is not in ``known``.
    """
    for key in asked:
        if key not in known:
            takes = ", ".join(f"{name}=" for name in known)
            raise ConfigurationError(f"{verb}: {key}= is not for run {run.id}, which is on {what}; it takes {takes}")
