"""The checkpoints that a run is trained from are its own."""

from itertools import count

from remanence.errors import ConfigurationError
from remanence.tracking.phase_tags import FIT_SECONDS_TAG
from remanence.tracking.run import Run


def seconds_of_own_checkpoints(run: Run) -> float:
    """Return how long an interrupted run was fitted; if its process was killed, up to its last checkpoint.

    Raises:
        ConfigurationError: if a checkpoint in the run's folder is that of another run.
    """
    from remanence.training.stamp import read_stamp

    seconds = float(run.found.data.tags.get(FIT_SECONDS_TAG, 0))
    for path in sorted(run.checkpoints.glob("*.ckpt")):
        if (stamp := read_stamp(path)) is None:
            continue
        if stamp.run != run.id:
            raise ConfigurationError(
                f"resume: {path} is a checkpoint of run {stamp.run}, not of {run.id}; bring its own back, or start "
                f"from the other run's weights with fork={stamp.run}"
            )
        seconds = max(seconds, stamp.seconds)
    return seconds


def set_aside_checkpoints(run: Run) -> None:
    """Rename a folder of checkpoints that a new run finds in its place, because a training would go on from them.

    The folder of a trial has no id in its name: when its study and its run were deleted, the next run gets the folder.
    """
    if not any(run.checkpoints.glob("*.ckpt")):
        return
    names = (run.checkpoints.with_name(f"{run.checkpoints.name}.earlier-{number}") for number in count(1))
    run.checkpoints.rename(next(path for path in names if not path.exists()))
