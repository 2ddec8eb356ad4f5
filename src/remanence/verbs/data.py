"""``remanence data list | describe | convert | simulate | fetch``: data sets and files that a model can be trained on.

A file of spectra is described without pandas and scikit-learn, whose import would take longer than the answer.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from remanence.data.published_files import PUBLISHED
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet")
"""Endings of tables."""


def main(arguments: list[str]) -> int:
    """Run one of the five actions of the verb ``data``."""
    actions: dict[str, Callable[[Sequence[str]], None]] = {
        "list": list_data,
        "describe": describe,
        "convert": convert_file,
        "simulate": simulate,
        "fetch": fetch_data,
    }
    if not arguments or arguments[0] not in actions:
        from remanence.configuration.validate import nearest

        given = f", got '{arguments[0]}'{nearest(arguments[0], actions)}" if arguments else ""
        raise ConfigurationError(f"data: expected one of {', '.join(actions)}{given}")
    actions[arguments[0]](arguments[1:])
    return 0


def list_data(arguments: Sequence[str]) -> None:
    """Print every simulator and published file."""
    from remanence.verbs.data_sets import list_data

    list_data(arguments)


def describe(arguments: Sequence[str]) -> None:
    """Print what a file holds, ``describe scan.h5``, or what a data set is."""
    if len(arguments) == 1 and _is_a_path(arguments[0]) and Path(arguments[0]).suffix.lower() not in TABLES:
        from remanence.data.spectra.described_file import described_file

        for line in described_file(arguments[0]):
            console.print(line, soft_wrap=True)  # a command is copied as it stands
        return
    if arguments and _is_a_path(arguments[0]):
        from remanence.verbs.table_description import describe_table

        describe_table(arguments[0], arguments[1:])
        return
    from remanence.verbs.data_sets import describe

    describe(arguments)


def convert_file(arguments: Sequence[str]) -> None:
    """Write an instrument's file as NSID: ``convert scan.ibw scan.h5``."""
    if len(arguments) != 2:
        raise ConfigurationError("data convert: expected an instrument's file and the file to write, such as scan.h5")
    from remanence.data.instruments.conversion import convert

    convert(*arguments)


def simulate(arguments: Sequence[str]) -> None:
    """Write a synthetic data set: ``simulate nbbt out.csv data.noise=2``, ``simulate beps scan.h5 data.rows=30``."""
    from remanence.verbs.data_sets import simulate

    simulate(arguments)


def fetch_data(arguments: Sequence[str]) -> None:
    """Fetch a published file into the cache."""
    from remanence.verbs.data_sets import fetch_data

    fetch_data(arguments)


def _is_a_path(text: str) -> bool:
    """Return whether a word is a file rather than the name of a data set; published files have names with endings."""
    return Path(text).is_file() or (text not in PUBLISHED and bool(Path(text).suffix))
