"""Finding what an interrupted run needs to go on."""

from pathlib import Path
from typing import Any

from remanence.errors import ConfigurationError
from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.tracking.database import connect
from remanence.tracking.record import FILE, read_record
from remanence.tracking.run import Run
from remanence.tracking.search import find_run, stored_config


def interrupted_run(wanted: str) -> tuple[str, dict[str, Any], Path | None]:
    """Return id, stored configuration and checkpoint (None if it got no further than its start) of a run.

    Raises:
        ConfigurationError: if there is no such run, or it is finished, or its process is still alive.
    """
    outputs = default_outputs()
    uri = tracking_uri(None, outputs)
    client = connect(uri)
    found = find_run(client, wanted, uri)
    run_id = found.info.run_id
    cfg = stored_config(client, run_id)
    if found.info.status == "FINISHED":
        raise ConfigurationError(f"resume: run {run_id} is FINISHED, there is nothing to go on with")
    run = Run(client, run_id, uri=without_secrets(uri), outputs=outputs)
    if (run.folder / FILE).is_file() and (record := read_record(run.folder)).is_alive:
        raise ConfigurationError(f"resume: run {run_id} is still running as process {record.pid}")
    cfg["paths"] = {"outputs": str(outputs)}
    cfg["tracking"]["parent"] = found.data.tags.get("mlflow.parentRunId")
    return run_id, cfg, run.restore_checkpoint()
