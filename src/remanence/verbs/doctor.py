"""``remanence doctor``: whether this installation can work, and what to do where it cannot."""

from collections.abc import Iterator
from importlib.util import find_spec

from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.tracking.address import default_outputs, tracking_uri
from remanence.verbs import checkup
from remanence.verbs.address_check import tracking
from remanence.verbs.arguments import ADDRESS, read_arguments
from remanence.verbs.checkup import Check

WIDTH = 18


def main(arguments: list[str]) -> int:
    """Print each check with what to do, and return 1 if there is a problem, else 0."""
    given = read_arguments("doctor", arguments)
    problems = 0
    for check in _checks(given.get(ADDRESS)):
        console.print(f"{check.name:{WIDTH}}{check.found}", highlight=False)
        if check.problem:
            problems += 1
            console.print(f"{'  problem':{WIDTH}}{check.problem}", style="red", highlight=False)
            console.print(f"{'  what to do':{WIDTH}}{check.advice}", highlight=False)
    console.print(f"\n{problems} problem{'s' * (problems > 1)}" if problems else "\nno problems", highlight=False)
    return int(bool(problems))


def _checks(address: str | None) -> Iterator[Check]:
    folder = default_outputs()
    yield from checkup.versions()
    if find_spec("torch") is not None:
        with importing():
            yield checkup.devices()
        yield checkup.threads()
    yield checkup.memory()
    yield checkup.outputs(folder)
    yield tracking(tracking_uri(address, folder))
    yield checkup.cache()
