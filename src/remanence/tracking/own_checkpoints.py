"""The checkpoints that a run is resumed from are its own."""

from remanence.errors import ConfigurationError
from remanence.tracking.run import Run

FIT_SECONDS_TAG = "remanence.fit_seconds"
"""Tag with the time that all parts of a run were fitted, in seconds."""


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
