"""Opening a recorded run, to read from it or to resume it."""

from pathlib import Path

from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.tracking.database import open_existing
from remanence.tracking.run import Run
from remanence.tracking.search import find_run
from remanence.tracking.writable import is_writable


def open_run(
    wanted: str, uri: str | None = None, outputs: Path | None = None, *, aside: bool = False, to_change: bool = False
) -> Run:
    """Return the run that ``wanted`` names, see ``find_run``.

    If the process of the run has ended and left entries that it could not send, they are sent first.

    Args:
        wanted: id, first digits of an id, or name of the run, or the address of a registered model.
        uri: address of the database; None takes the default database.
        outputs: folder of all outputs, where the folder of the run may be; None takes the default folder.
        aside: leave MLflow's global tracking address as it is, see ``connect``.
        to_change: whether something will be changed in the database, see ``open_existing``.

    Raises:
        ConfigurationError: if there is no such run.
        TrackingLost: if the server refuses entries that the run's folder still holds.
    """
    outputs = outputs or default_outputs()
    address = tracking_uri(uri, outputs)
    client = open_existing(address, aside=aside, to_change=to_change)
    found = find_run(client, wanted, address)
    run = Run.of(found, client, uri=without_secrets(address), outputs=outputs)
    # a process that still runs sends its entries itself, and what may only be read keeps them
    if run.client.is_behind and not run.is_alive and is_writable(run.folder):
        run.client.settle(0)
        run.found = client.get_run(run.id)
    return run
