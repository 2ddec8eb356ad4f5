"""``remanence bundle run=<id> output=run.zip``: a run as one file, an RO-Crate, from which others make it again."""

from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, named_first, read_arguments

DATA = ("digests", "include")
MOST_NAMES = 3
"""Largest number of files that the line names."""


def main(arguments: list[str]) -> int:
    """Write the bundle of a run and print what is in it."""
    given = read_arguments(
        "bundle",
        named_first(arguments, output=".zip", run=""),
        required=["run", "output"],
        optional=["data", "licence"],
    )
    data = given.get("data", "digests")
    if data not in DATA:
        raise ConfigurationError(f"data: should be digests or include, got '{data}'")
    from remanence.reproduction.bundle import write_bundle
    from remanence.reproduction.contents import files_of_its_own
    from remanence.tracking.open_run import open_run

    run = open_run(given["run"], given.get(ADDRESS))
    told = write_bundle(run, given["output"], include=data == "include", licence=given.get("licence"))
    for line in told:
        console.print(line)
    needed = [] if data == "include" else files_of_its_own(run)
    names = first_few(needed[:MOST_NAMES], of=len(needed))
    without = f" without {names} (data=include adds what was read)" if needed else ""
    console.print(
        f"run {run.id} is in {given['output']}{without}; remanence reproduce bundle={given['output']} makes it again"
        + (f"; the receiver needs {names} for it (data.path=<file> names it)" if needed else "")
    )
    return 0
