"""Resuming a run: its data must be unchanged, and parameters that were not logged before are logged now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Param, RunTag
from mlflow.entities import Run as MlflowRun

from remanence.data.source import Source
from remanence.errors import DataError
from remanence.tracking.advised_command import advised_command
from remanence.tracking.limits import DIGEST_LENGTH

RESUMED = "remanence.resumed."
"""Beginning of the name of a tag that holds the value of a parameter since the run was resumed."""


def check_unchanged(found: MlflowRun, sources: Iterable[Source], *, instead: str = "") -> None:
    """Refuse data that have changed since a run read them.

    Args:
        found: the run.
        sources: sources of the data that are read now.
        instead: for the message, what the user can do other than bring the file back.

    Raises:
        DataError: if the content of a file has changed since the run read it. Simulated rows are not compared, because
            their last digits differ between machines.
    """
    read: dict[str, list[str]] = defaultdict(list)  # a chain may have tables of the same name in several folders
    for entry in found.inputs.dataset_inputs:
        read[entry.dataset.name].append(entry.dataset.digest)
    for source in sources:
        now, then = source.digest[:DIGEST_LENGTH], read.get(source.name)
        is_known = not read or any(now in digests for digests in read.values())  # a run may die before it logs them
        if source.kind == "local" and then is None and not is_known:
            raise DataError(
                f"{source.location}: is no file that run {found.info.run_id} has read: its content is another"
            )
        if source.kind == "local" and then is not None and now not in then:
            raise DataError(
                f"{source.location}: has changed since run {found.info.run_id} read it (SHA-256 {then[0][:12]}…, "
                f"now {now[:12]}…); " + ", ".join(["bring the file back", *filter(None, [instead])])
            )


def write_parameters(
    client: MlflowClient, found: MlflowRun, wanted: Mapping[str, str], *, places: Collection[str] = ()
) -> None:
    """Log the parameters that a run does not have yet.

    MLflow does not let a parameter be changed, so a value that differs from the logged one is written as a tag.

    Args:
        client: client of the run's database.
        found: the run, which is new or was interrupted at any moment.
        wanted: all parameters that the run is trained with now.
        places: parameters that are paths from which data are read; another path does not count as another value.
    """
    known = found.data.params
    missing = [Param(key, value) for key, value in wanted.items() if key not in known]
    # a run that was resumed with another value has a tag, which must also follow when the first value comes back
    resumed = {
        key
        for key, value in wanted.items()
        if (known.get(key, value) != value or RESUMED + key in found.data.tags) and key not in places
    }
    tags = [RunTag(RESUMED + key, wanted[key]) for key in sorted(resumed)]
    client.log_batch(found.info.run_id, params=missing, tags=tags)


def resume_command(run_id: str, uri: str, outputs: Path, *, style: str | None = None) -> str:
    """Return the command that resumes a run; it begins with the environment variables that the shell needs for it.

    Args:
        run_id: id of the run.
        uri: address of the run's database, without secrets.
        outputs: folder of all outputs, which holds the run's folder.
        style: the user's style sheet of figures, which a run does not store.
    """
    typed = [f"resume={run_id}", *([f"figure_style={style}"] if style else [])]
    return advised_command("train", *typed, uri=uri, outputs=outputs)
