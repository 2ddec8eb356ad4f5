"""``remanence watch run=<id> input=scan.h5 output=latents.h5``: latents of a scan while an instrument writes it."""

import math

from remanence.data.output_file import check_output
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.studies.kind import Watching
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments

ROTATION = "rotation"


def main(arguments: list[str]) -> int:
    """Encode the pixels of a growing scan until it ends or the user does."""
    given = read_arguments("watch", arguments, required=["run", "input", "output"], optional=[ROTATION], group="data")
    changes = [f"{key}={value}" for key, value in given.items() if key.startswith("data.")]
    source, output = given["input"], given["output"]
    rotation = _angle(given[ROTATION]) if ROTATION in given else None
    check_output(output, inputs=[source])
    with importing():
        from remanence.studies.own_data import own_files
        from remanence.tracking.open_run import open_run

    run = open_run(given["run"], given.get(ADDRESS))  # before torch is imported
    check_output(output, inputs=own_files(run), what=f"data of run {run.id}")
    applied = apply(run)
    if not isinstance(applied, Watching):
        raise ConfigurationError(f"watch: the model of run {run.id} takes no scan that is being written")
    applied.watch(source, output, changes, rotation=rotation)
    return 0


def _angle(text: str) -> float:
    try:
        angle = float(text)
    except ValueError:
        angle = math.nan
    if not math.isfinite(angle):
        raise ConfigurationError(f"watch: {ROTATION}: expected an angle in rad, got '{text}'")
    return angle
