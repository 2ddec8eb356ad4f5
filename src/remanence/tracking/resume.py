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

    A run whose folder is not here, because it ran elsewhere or the folder was removed, gets its checkpoints from the
    artifacts.

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
        raise ConfigurationError(f"resume: run {run_id} is FINISHED, there is nothing to go on with; see fork=")
    run = Run.of(found, client, uri=without_secrets(uri), outputs=outputs)
    if (run.folder / FILE).is_file() and (record := read_record(run.folder)).is_alive:
        raise ConfigurationError(f"resume: run {run_id} is still running as process {record.pid}")
    cfg["paths"] = {"outputs": str(outputs)}
    cfg["tracking"]["parent"] = found.data.tags.get("mlflow.parentRunId")
    return run_id, cfg, run.restore_checkpoint()


def epochs_trained(checkpoint: Path) -> int:
    """Return how many epochs a ``last.ckpt`` has behind it, of one network or of stacked members."""
    import torch

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if "loops" in state:  # Lightning's own "epoch" is that of the last epoch, or one more at the end of a fit
        return int(state["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"])
    return int(state["epoch"])
