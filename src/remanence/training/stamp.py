"""What a checkpoint says of its training: the run that it belongs to, and how long that run has been fitted."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

KEY = "remanence"
"""Key of the stamp in every checkpoint from which a training can be resumed."""


@dataclass(frozen=True)
class Stamp:
    """The run of a checkpoint, and its fit so far."""

    run: str
    """Id of the run."""
    seconds: float
    """Time that all parts of the run have been fitted up to this checkpoint, as far as it is known."""


def stamped_by(logger: Any) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the entry for a checkpoint that is written now.

    Args:
        logger: logger of the run, with its id as ``version`` and the time of its fit as ``fit_seconds``. Another
            logger, or None in a process that does not track the run, gives no entry.
    """
    if not _counts(logger):
        return dict
    return lambda: {KEY: asdict(Stamp(str(logger.version), float(logger.fit_seconds)))}


def fitted_before(logger: Any) -> float:
    """Return how long earlier parts of a logger's run were fitted; 0 for a logger that does not know."""
    return float(logger.fitted_before) if _counts(logger) else 0.0


def _counts(logger: Any) -> bool:
    # Lightning's stand-in for no logger has every attribute, and each is a function
    return isinstance(getattr(logger, "fit_seconds", None), float)


def read_stamp(checkpoint: Path) -> Stamp | None:
    """Return the stamp of a checkpoint; None if an earlier release wrote it, or if the file cannot be read.

    Whoever resumes from a damaged file finds out what is wrong with it.
    """
    try:  # mapped, so that the weights are not read from the disk
        state = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
    except Exception:  # torch raises errors of many kinds
        return None
    stamp = state.get(KEY) if isinstance(state, dict) else None
    return None if stamp is None else Stamp(**stamp)
