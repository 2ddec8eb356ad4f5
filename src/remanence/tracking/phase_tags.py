"""Where the time of a run has gone, as tags of the run: seconds of its phases."""

import json
from collections.abc import Mapping
from contextlib import suppress

from remanence.foundation.own_time import Moment
from remanence.foundation.phases import PHASES, clock

FIT_SECONDS_TAG = "remanence.fit_seconds"
"""Tag with the time that all parts of a run were fitted, in seconds."""
SECONDS = "remanence.seconds."
"""Beginning of the name of each tag with the seconds of a phase by the clock."""
PROCESSOR_TAG = "remanence.processor_seconds"
"""Tag with the seconds of the processor of all phases, as JSON: only tables show them, and each tag costs a row."""
LEAST = 0.005
"""Shortest phase that gets a tag, in seconds."""


def spent(earlier: Mapping[str, str], fitted_before: float = 0.0) -> dict[str, Moment]:
    """Return the time of each phase of a run until now; the times of all its parts add up.

    Their sum is the time of the commands that have worked on the run, from ``main`` to here. Of a part that was killed
    outright, so that it wrote down nothing, only the fit is known, up to its last checkpoint.

    Args:
        earlier: tags of the run as this process found it.
        fitted_before: seconds that earlier parts were fitted, as their checkpoints say.
    """
    now = {} if (phases := clock()) is None else phases.so_far()
    before = _recorded(earlier)
    told = _seconds(earlier.get(FIT_SECONDS_TAG)) if before else 0.0
    if fitted_before > told:
        before["fit"] = before.get("fit", Moment()).plus(Moment(wall=fitted_before - told))
    both = {name: before.get(name, Moment()).plus(now.get(name, Moment())) for name in PHASES}
    return {name: time for name, time in both.items() if time.wall >= LEAST}


def phase_tags(phases: Mapping[str, Moment]) -> dict[str, str]:
    """Return the tags of a run that hold the time of each phase.

    >>> phase_tags({"fit": Moment(1.234, 2.0)})
    {'remanence.seconds.fit': '1.23', 'remanence.processor_seconds': '{"fit": 2.0}'}
    """
    if not phases:
        return {}
    processor = {name: round(time.processor, 2) for name, time in phases.items()}
    return {
        **{f"{SECONDS}{name}": f"{time.wall:.2f}" for name, time in phases.items()},
        PROCESSOR_TAG: json.dumps(processor),
    }


def _recorded(tags: Mapping[str, str]) -> dict[str, Moment]:
    """Return what earlier parts have written down; what is no number counts nothing, as others may set tags too."""
    processor: object = None
    with suppress(ValueError):
        processor = json.loads(tags.get(PROCESSOR_TAG, ""))
    used = processor if isinstance(processor, dict) else {}
    walls = {name: tags[f"{SECONDS}{name}"] for name in PHASES if f"{SECONDS}{name}" in tags}
    return {name: Moment(_seconds(wall), _seconds(used.get(name))) for name, wall in walls.items()}


def _seconds(written: object) -> float:
    with suppress(TypeError, ValueError):
        seconds = float(written)  # type: ignore[arg-type]
        return seconds if 0 <= seconds < float("inf") else 0.0
    return 0.0
