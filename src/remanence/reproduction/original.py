"""The run that is to be made again: what stands of it in its database, or in a bundle."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remanence.errors import DamagedFile
from remanence.foundation.damage import reading
from remanence.foundation.temporary_folder import temporary_folder
from remanence.reproduction.bundle import COMMIT_TAG, FILE, check_finished
from remanence.reproduction.bundle_file import BundleFile
from remanence.studies.run import STACK_TAG
from remanence.tracking.environments import last_of_part
from remanence.tracking.recorded_sources import recorded_sources
from remanence.tracking.run import Run
from remanence.tracking.stored_configuration import FILE as CONFIGURATION
from remanence.tracking.stored_configuration import read_file
from remanence.tracking.version import check_version

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Read:
    """A file that the run has read, or rows that it has simulated."""

    name: str
    location: str
    sha256: str
    kind: str
    file: str | None = None
    """Path in the bundle, if it is there."""


@dataclass(frozen=True)
class Original:
    """The first run; all of it is somebody else's, and decides nothing but what is computed."""

    run_id: str
    name: str
    config: Mapping[str, Any]
    """Configuration as it was stored, see ``stored_configuration.as_reader``."""
    metrics: Mapping[str, float]
    environment: str
    """Versions of the last part of the run, see ``provenance.environment``; empty if it has logged none."""
    diff: str
    """Uncommitted changes of the last part of the run."""
    commit: str | None
    data: tuple[Read, ...]
    stack: int = 1
    """Number of trials of a sweep whose networks were trained as one with this run's."""
    is_foreign: bool = field(default=False)
    """Whether the run comes from a bundle."""

    @classmethod
    def of_run(cls, run: Run) -> "Original":
        """Return what stands of a finished run in its database.

        Raises:
            ConfigurationError: if the run has not finished, or is a sweep.
        """
        check_finished("reproduce", run)
        tags = run.found.data.tags
        stored = run.stored_file(CONFIGURATION)
        return cls(
            run_id=run.id,
            name=run.name,
            config=run.config if stored is None else read_file(stored),
            metrics=dict(run.found.data.metrics),
            environment=last_of_part(run, "environment.txt"),
            diff=last_of_part(run, "git.diff"),
            commit=_commit(tags.get(COMMIT_TAG)),
            data=tuple(Read(each.name, each.location, each.digest, each.kind) for each in recorded_sources(run.found)),
            stack=_number(tags.get(STACK_TAG)),
        )

    @classmethod
    def of_bundle(cls, bundle: BundleFile) -> "Original":
        """Return what stands of a run in a bundle.

        Raises:
            DamagedFile: if the bundle lacks something, or holds something of another type.
        """
        described = bundle.values(FILE)
        check_version(described.get("schema_version"), f"{bundle.path}: {FILE}")
        with reading(bundle.path):
            run_id, name = described["run"], described["name"]
            if not (isinstance(run_id, str) and re.fullmatch(r"[0-9a-f]{32}", run_id) and isinstance(name, str)):
                raise DamagedFile(bundle.path, f"{FILE} names no run")
            metrics = {str(key): float(value) for key, value in dict(described["metrics"]).items()}
            data = tuple(_read(bundle, each) for each in described["data"])
        environments = list(bundle.numbered("environment", ".txt"))
        return cls(
            run_id=run_id,
            name=name,
            config=_configuration(bundle),
            metrics=metrics,
            environment=environments[-1] if environments else "",
            diff=next(iter([*bundle.numbered("git", ".diff")][::-1]), ""),
            commit=_commit(described.get("commit")),
            data=data,
            stack=_number(described.get("stack")),
            is_foreign=True,
        )


def _configuration(bundle: BundleFile) -> dict[str, Any]:
    text = bundle.text(CONFIGURATION)
    if text is None:
        raise DamagedFile(bundle.path, f"there is no {CONFIGURATION} in it")
    with temporary_folder() as folder:
        path = Path(folder) / CONFIGURATION
        path.write_text(text, encoding="utf-8")
        try:
            return read_file(path)
        except DamagedFile as error:
            raise DamagedFile(bundle.path, f"{CONFIGURATION}: {error.reason}") from error


def _read(bundle: BundleFile, given: Any) -> Read:
    texts = {key: given[key] for key in ("name", "location", "sha256", "kind")}
    file = given.get("file")
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(file, str | None):
        raise DamagedFile(bundle.path, f"{FILE}: data that are no texts")
    if texts["kind"] == "local" and not DIGEST.fullmatch(texts["sha256"]):
        raise DamagedFile(bundle.path, f"{FILE}: {texts['name']} has no SHA-256")
    return Read(**texts, file=file)


def _commit(given: Any) -> str | None:
    """Return a commit; what is none would be an option or a path for git."""
    return given if isinstance(given, str) and COMMIT.fullmatch(given) else None


def _number(given: Any) -> int:
    text = str(given)
    return int(text) if text.isdigit() and len(text) < 7 else 1
