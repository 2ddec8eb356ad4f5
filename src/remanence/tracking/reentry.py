"""Entering a run again: what it read must be the same, what it could not write down before is written down now."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Param, RunTag
from mlflow.entities import Run as MlflowRun

from remanence.data.source import Source
from remanence.errors import DataError
from remanence.tracking.address import default_outputs, tracking_uri, without_secrets
from remanence.tracking.limits import DIGEST_LENGTH

RESUMED = "remanence.resumed."
"""Before the name of a parameter in a tag that holds its value since the run was resumed."""


def check_unchanged(found: MlflowRun, sources: Iterable[Source], *, instead: str = "") -> None:
    """Refuse other rows than those that a run has read.

    Args:
        found: the run.
        sources: read now.
        instead: what the user may do but bring the file back, for the message.

    Raises:
        DataError: if a file has another content than when the run read it. Simulated rows are not compared: the last
            digits of what is simulated differ between machines.
    """
    read: dict[str, list[str]] = defaultdict(list)  # tables of a chain may bear one name in several folders
    for entry in found.inputs.dataset_inputs:
        read[entry.dataset.name].append(entry.dataset.digest)
    for source in sources:
        now, then = source.digest[:DIGEST_LENGTH], read.get(source.name)
        if source.kind == "local" and then is not None and now not in then:
            raise DataError(
                f"{source.location}: has changed since run {found.info.run_id} read it (SHA-256 {then[0][:12]}…, "
                f"now {now[:12]}…); " + ", ".join(["bring the file back", *filter(None, [instead])])
            )


def write_parameters(
    client: MlflowClient, found: MlflowRun, wanted: Mapping[str, str], *, places: Collection[str] = ()
) -> None:
    """Log the parameters that a run does not have yet; MLflow lets none be changed, so others become tags.

    Args:
        client: of the run's database.
        found: the run, new or interrupted at any moment.
        wanted: all parameters that it is trained with now.
        places: those that say where data are read from; another place is no other value.
    """
    known = found.data.params
    missing = [Param(key, value) for key, value in wanted.items() if key not in known]
    # also where a run that was resumed with other values gets its first ones again
    resumed = {
        key
        for key, value in wanted.items()
        if (known.get(key, value) != value or RESUMED + key in found.data.tags) and key not in places
    }
    tags = [RunTag(RESUMED + key, wanted[key]) for key in sorted(resumed)]
    client.log_batch(found.info.run_id, params=missing, tags=tags)


def resume_command(run_id: str, uri: str, outputs: Path) -> str:
    """Return the command that goes on with a run; what its shell does not have set stands before it.

    Args:
        run_id: of the run.
        uri: of its database, without secrets.
        outputs: folder of its outputs.
    """
    place = {}
    if outputs.absolute() != default_outputs().absolute():
        place["REMANENCE_OUTPUTS"] = str(outputs.absolute())
    if uri != without_secrets(tracking_uri(None, outputs)):
        place["MLFLOW_TRACKING_URI"] = uri
    return " ".join(
        [*(f"{key}={shlex.quote(value)}" for key, value in place.items()), f"remanence train resume={run_id}"]
    )
