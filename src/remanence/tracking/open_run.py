"""Opening a run that was recorded before, to read from it or to go on with it."""

from pathlib import Path

from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.tracking.database import open_existing
from remanence.tracking.run import Run
from remanence.tracking.search import find_run


def open_run(wanted: str, uri: str | None = None, outputs: Path | None = None, *, aside: bool = False) -> Run:
    """Return the run that ``wanted`` names, see ``find_run``, once what its process could not send has been sent.

    Args:
        wanted: id, first digits of an id, or name, or the address of a registered model.
        uri: of the database; None takes the default one.
        outputs: folder of all outputs, where the folder of the run may be; None takes the default one.
        aside: leave MLflow's own address as it is, see ``connect``.

    Raises:
        ConfigurationError: if there is no such run.
        TrackingLost: if the server refuses what its folder still holds.
    """
    outputs = outputs or default_outputs()
    address = tracking_uri(uri, outputs)
    client = open_existing(address, aside=aside)
    found = find_run(client, wanted, address)
    run = Run.of(found, client, uri=without_secrets(address), outputs=outputs)
    if run.client.is_behind and not run.is_alive:  # a process that still runs sends by itself
        run.client.settle(0)
        run.found = client.get_run(run.id)
    return run
