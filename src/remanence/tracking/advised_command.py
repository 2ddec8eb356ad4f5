"""A command that a message advises: what it says is what a user can paste into the shell."""

import shlex
from pathlib import Path

from remanence.tracking.address import default_outputs, tracking_uri, without_secrets


def advised_command(*words: str, uri: str, outputs: Path | None = None) -> str:
    """Return a command of remanence; it begins with the environment variables that the shell needs for it.

    Args:
        *words: verb and arguments, such as ``"train", "resume=0ec0435e"``.
        uri: address of the database of runs, without secrets.
        outputs: folder of all outputs; None takes the default folder.
    """
    outputs = outputs or default_outputs()
    place = {}
    if outputs.absolute() != default_outputs().absolute():
        place["REMANENCE_OUTPUTS"] = str(outputs.absolute())
    if uri != without_secrets(tracking_uri(None, outputs)):
        place["MLFLOW_TRACKING_URI"] = uri
    return " ".join(
        [*(f"{key}={shlex.quote(value)}" for key, value in place.items()), shlex.join(["remanence", *words])]
    )
