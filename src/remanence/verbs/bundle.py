"""``remanence bundle run=<id> output=run.zip``: a run as one file, an RO-Crate, from which others make it again."""

from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, named_first, read_arguments

DATA = ("digests", "include")


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
    from remanence.tracking.open_run import open_run

    run = open_run(given["run"], given.get(ADDRESS))
    told = write_bundle(run, given["output"], include=data == "include", licence=given.get("licence"))
    for line in told:
        console.print(line)
    console.print(f"run {run.id} is in {given['output']}; remanence reproduce bundle={given['output']} makes it again")
    return 0
