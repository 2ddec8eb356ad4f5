"""``remanence restore <experiment | run>``: undo the deletion of an experiment or of a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from remanence.configuration.arguments import split
from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

MOST_ROWS = 20
"""Largest number of runs that are printed one by one."""


def main(arguments: list[str]) -> int:
    """Restore an experiment with its runs, or a run with its parent and children, and print what came back."""
    addresses = [split(argument)[1] for argument in arguments if argument.startswith(f"{ADDRESS}=")]
    named = [argument for argument in arguments if not argument.startswith(f"{ADDRESS}=")]
    if len(named) != 1 or len(addresses) > 1:
        raise ConfigurationError("restore: name one deleted experiment or run, such as: restore piezo")
    from remanence.tracking.address import default_outputs, tracking_uri
    from remanence.tracking.database import open_existing
    from remanence.tracking.restore import deleted_runs, restore

    (wanted,) = named
    uri = tracking_uri(addresses[0] if addresses else None, default_outputs())
    client = open_existing(uri, to_change=True)
    restored = restore(client, wanted, uri)
    for experiment in restored.experiments:
        console.print(f"experiment {experiment} is there again")
    _list(restored.runs, "is there again")
    if not restored:
        console.print(f"{wanted} is not deleted: there is nothing to restore")
        _list(deleted_runs(client, wanted), "is deleted, and is restored by its id or name")
    return 0


def _list(runs: "Sequence[MlflowRun]", what: str) -> None:
    for run in runs[:MOST_ROWS]:
        console.print(f"run {run.info.run_id} ({run.info.run_name}) {what}")
    if len(runs) > MOST_ROWS:
        console.print(f"and {len(runs) - MOST_ROWS} more")
