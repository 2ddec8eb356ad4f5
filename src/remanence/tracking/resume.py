"""Finding the configuration and the checkpoint with which an interrupted run is resumed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from remanence.errors import ConfigurationError
from remanence.foundation.damage import reading
from remanence.tracking.address import default_outputs
from remanence.tracking.claim import claimed, refuse_if_running
from remanence.tracking.open_run import open_run
from remanence.tracking.patience import tell
from remanence.tracking.run import Run


@contextmanager
def interrupted_run(wanted: str, uri: str | None = None) -> Iterator[tuple[str, dict[str, Any], Path | None]]:
    """Claim a run for the block, and return its id, its stored configuration and its last checkpoint.

    The checkpoint is None if the run was interrupted before its first one. If the run's folder has no checkpoints,
    because the run was trained elsewhere or the folder was removed, they are downloaded from the artifacts.

    Args:
        wanted: id or name of the run.
        uri: address of the run's database; None takes the default database.

    Raises:
        ConfigurationError: if there is no such run, or it is finished, or its process is or may be still alive.
    """
    run = open_run(wanted, uri)
    refuse_if_running(run)
    cfg = run.config
    _refuse_finished(run)
    with claimed(run):
        _refuse_finished(run)  # the process that had it may have just ended
        cfg["paths"] = {"outputs": str(default_outputs())}
        cfg["tracking"]["uri"] = uri
        cfg["sweep"]["storage"] = None
        cfg["tracking"]["parent"] = run.found.data.tags.get("mlflow.parentRunId")
        checkpoint = run.restore_checkpoint()
        check_checkpoints(run.checkpoints)
        if not any(run.checkpoints.glob("*.ckpt")):
            tell(f"run {run.id} left no checkpoint: it begins anew")
        yield run.id, cfg, checkpoint


def _refuse_finished(run: Run) -> None:
    if run.found.info.status == "FINISHED":
        raise ConfigurationError(f"resume: run {run.id} is FINISHED, there is nothing to go on with; see fork=")


def epochs_trained(checkpoint: Path) -> int:
    """Return the number of trained epochs in a ``last.ckpt``, of one network or of stacked members."""
    from remanence.training.checkpoint_file import read_checkpoint  # imports torch, so only if needed

    with reading(checkpoint):
        state = read_checkpoint(checkpoint)
        if "loops" in state:  # Lightning's "epoch" is the index of the last epoch, or one more at the end of a fit
            return int(state["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"])
        return int(state["epoch"])


def check_checkpoints(folder: Path) -> None:
    """Read the checkpoints that a resumed training needs, before the run is entered again.

    Raises:
        DamagedFile: if one of them is damaged.
    """
    from remanence.training.checkpoint_file import read_checkpoint

    for path in sorted(folder.glob("*.ckpt")):
        if path.name != "best.ckpt":  # which is written again from last.ckpt
            read_checkpoint(path)
