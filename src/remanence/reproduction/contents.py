"""What of a run goes into its bundle: the files that it has logged, and what it has read."""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from remanence.data.published_files import PUBLISHED, PUBLISHED_DIGESTS
from remanence.data.table_file import digest_of
from remanence.errors import ConfigurationError, DataError
from remanence.reproduction.crate import BundledData, BundledFile
from remanence.tracking.artifact import logged_path
from remanence.tracking.delivery import MODEL
from remanence.tracking.logged_model import logged_files
from remanence.tracking.own_files import CARDS
from remanence.tracking.recorded_sources import recorded_sources
from remanence.tracking.run import Run

DATA = "data"
"""Folder of the data in a bundle."""
LEFT_OUT = ("checkpoints",)
"""Folders of artifacts that are needed to go on with a run, and not to make it again."""
LARGEST = 100_000_000
"""Bytes of the largest file of data that goes into a bundle: what is larger has a repository of data as its place."""
INPUTS = ("config.yaml", "environment", "git.")
"""Beginnings of the names of files that a run is made from."""
ABOUT = {
    "config.yaml": "the resolved configuration of the run",
    "environment": "versions of Python and of every package",
    "git.": "uncommitted changes of the code",
    CARDS[0]: "model card",
    CARDS[1]: "data card",
    "figures/": "figure",
    "tables/": "table",
    "movies/": "movie",
    "known_rows/": "digests of the rows that the run knows",
    "model/": "part of the logged model",
}
"""Beginnings of the names of files, and what they are."""
Told = list[str]


def logged(run: Run) -> list[BundledFile]:
    """Return every file that a run has logged, without checkpoints, and the files of its model under ``model/``.

    Raises:
        ConfigurationError: if a file of the run, or its model, is gone.
    """
    names = sorted(_artifacts(run))
    files = [_described(name, logged_path(run.client, run.id, name)) for name in names]
    model = logged_files(run.id)
    if not model.is_dir():
        model = run.folder / MODEL
    if not model.is_dir():
        raise ConfigurationError(f"bundle: the files of the model of run {run.id} are gone")
    for path in sorted(model.rglob("*")):
        if path.is_file() and not path.is_symlink():
            files.append(_described(str(PurePosixPath(MODEL, path.relative_to(model).as_posix())), path))
    if gone := [file.name for file in files if isinstance(file.source, Path) and not file.source.is_file()]:
        raise ConfigurationError(f"bundle: run {run.id} has lost {gone[0]}")
    return files


def metrics_file(run: Run) -> BundledFile:
    """Return the final metrics of a run as ``metrics.json``."""
    text = json.dumps(dict(sorted(run.found.data.metrics.items())), indent=2)
    return BundledFile("metrics.json", f"{text}\n".encode(), "the last value of each metric")


def data_read(run: Run, *, include: bool) -> tuple[list[BundledData], list[BundledFile], Told]:
    """Return what a run has read, the files of it that go into the bundle, and lines about those that do not.

    Args:
        run: the run.
        include: whether the run's own files go into the bundle. Published files never do: they have an address.
    """
    published = {entry.sha256: entry for entry in PUBLISHED.values()}
    data, files, told = [], [], []
    for number, source in enumerate(recorded_sources(run.found)):
        digest, location, kind = source.digest, source.location, source.kind
        known = published.get(digest)
        file = None
        if include and kind == "local" and known is None:
            why = _why_left_out(Path(location), digest)
            if why is None:
                file = f"{DATA}/{number}/{Path(location).name}"
                files.append(BundledFile(file, Path(location), "data that the run has read", is_result=False))
            else:
                told.append(f"{location} {why}; only its digest is in the bundle")
        data.append(
            BundledData(
                name=source.name,
                location=location,
                sha256=digest,
                kind=kind,
                file=file,
                address=None if known is None else known.url,
                licence=None if known is None else known.licence,
            )
        )
    return data, files, told


def files_of_its_own(run: Run) -> list[str]:
    """Return the names of the local files that a run has read and that are published nowhere."""
    return [
        Path(source.location).name
        for source in recorded_sources(run.found)
        if source.kind == "local" and source.digest not in PUBLISHED_DIGESTS
    ]


def _artifacts(run: Run, folder: str | None = None) -> Iterator[str]:
    for entry in run.client.list_artifacts(run.id, folder):
        if entry.path in (*LEFT_OUT, MODEL):  # an earlier release of MLflow kept models among the artifacts
            continue
        if entry.is_dir:
            yield from _artifacts(run, entry.path)
        else:
            yield str(entry.path)


def _described(name: str, path: Path) -> BundledFile:
    about = next((text for beginning, text in ABOUT.items() if name.startswith(beginning)), "file of the run")
    return BundledFile(name, path, about, is_result=not name.startswith(INPUTS))


def _why_left_out(path: Path, digest: str) -> str | None:
    try:
        if not path.is_file():
            return "is gone"
        if path.stat().st_size > LARGEST:
            return f"has more than {LARGEST // 1_000_000} MB"
        return None if digest_of(path) == digest else "has changed since the run read it"
    except (OSError, DataError):
        return "cannot be read"
