"""Finding the data of a run by their digests, wherever they lie now."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from remanence.configuration.marked_keys import is_missing_file, names_file
from remanence.data.published import fetch
from remanence.data.published_files import PUBLISHED
from remanence.data.table_file import digest_of
from remanence.errors import DataError
from remanence.reproduction.bundle_file import BundleFile
from remanence.reproduction.original import Original, Read
from remanence.tracking.parameters import flatten


def find_data(
    original: Original, given: Mapping[str, str], bundle: BundleFile | None, folder: Path
) -> tuple[dict[str, str], list[str]]:
    """Return the paths that the run is made again from, by their keys, and lines about those that are elsewhere now.

    A file is taken if it has the recorded SHA-256, in this order: what the user names, the recorded path, the cache of
    published files, the bundle. A run that names no files, because it simulates its data or fetches published ones,
    needs nothing.

    Args:
        original: the run.
        given: keys such as ``data.path`` to paths, as the user names them.
        bundle: the bundle that the run comes from.
        folder: an empty folder for files of the bundle.

    Raises:
        DataError: if a file is nowhere, or has another content; the message names the key to give.
    """
    wanted, found = dict(_paths(original)), {}
    lines: list[str] = []
    takes = [key for key, _ in flatten(original.config["data"], "data") if names_file(key)]
    for key in [key for key in given if key not in wanted]:
        if key not in takes:
            instead = f"it takes {', '.join(takes)}" if takes else "its data are simulated"
            raise DataError(f"reproduce: {key}: run {original.run_id} has no such key; {instead}")
        _check_fetched(key, given[key], original)
        found[key] = str(Path(given[key]).absolute())
    for number, (key, location) in enumerate(wanted.items()):
        parts = _parts(original, location)
        if key in given:
            _check(key, given[key], location, parts, original)
            found[key] = str(Path(given[key]).absolute())
        elif parts and all(_has(Path(part.location), part) for part in parts):
            found[key] = location
        else:
            found[key] = str(_gathered(key, location, parts, original, bundle, folder / str(number)))
            lines.append(f"{location} is taken from {found[key]}: the same SHA-256")
    return found, lines


def _paths(original: Original) -> Iterator[tuple[str, str]]:
    """Yield key and value of everything that a configuration of data names as a file or folder."""
    for key, value in flatten(original.config["data"], "data"):
        # a sample picture is no file of anybody
        if names_file(key) and isinstance(value, str) and (Path(value).exists() or is_missing_file(key, value)):
            yield key, value


def _parts(original: Original, location: str) -> list[Read]:
    """Return what a run has read at a location.

    An earlier release recorded another location, if a run before had read a copy of the file under the same name.
    """
    local = [each for each in original.data if each.kind == "local"]
    inside = [each for each in local if _inside(each.location, location) is not None]
    alike = [each for each in local if Path(each.location).name == Path(location).name]
    return inside or ([replace(alike[0], location=location)] if len(alike) == 1 else [])


def _inside(path: str, folder: str) -> Path | None:
    """Return where a path stands in a folder, or "." for the same path; None if it is elsewhere."""
    try:
        return Path(path).relative_to(folder)
    except ValueError:
        return None


def _has(path: Path, part: Read) -> bool:
    try:
        return path.is_file() and digest_of(path) == part.sha256
    except (OSError, DataError):
        return False


def _check(key: str, path: str, location: str, parts: list[Read], original: Original) -> None:
    for part in parts:
        inside = _inside(part.location, location)
        assert inside is not None  # as chosen
        own = Path(path) / inside
        if not own.exists():
            raise DataError(f"{key}: {own}: no such file")
        if not _has(own, part):
            raise DataError(
                f"{key}: {own} is not what run {original.run_id} has read: SHA-256 {part.sha256[:12]}… is wanted"
            )


def _check_fetched(key: str, path: str, original: Original) -> None:
    """Check the user's own copies of published files, which the run has fetched: they have the same names."""
    parts = [part for part in original.data if part.kind == "local"]
    if Path(path).is_file() and any(_has(Path(path), part) for part in parts):
        return
    for part in parts:
        _check(key, path, str(Path(part.location).parent), [part], original)


def _gathered(
    key: str, location: str, parts: list[Read], original: Original, bundle: BundleFile | None, folder: Path
) -> Path:
    """Return a file, or a folder of files, with the recorded contents; it is made where they are not together."""
    published = {entry.sha256: name for name, entry in PUBLISHED.items()}
    if not parts:
        raise DataError(f"{key}: nothing is recorded of {location}, which run {original.run_id} has read; give {key}=…")
    for part in parts:
        inside = _inside(part.location, location)
        assert inside is not None  # as chosen
        if part.sha256 not in published and (bundle is None or part.file is None):
            where = "" if bundle is None else f" or in {bundle.path}"
            raise DataError(
                f"{part.location}: is not there{where} as run {original.run_id} read it (SHA-256 {part.sha256[:12]}…); "
                f"give {key}=<where it is now>"
            )
        if inside == Path() and part.sha256 in published:
            return fetch(published[part.sha256])
        # names of folders are ours, and of files the last part of theirs: neither leads out of the folder
        single = inside == Path()
        target = folder / (Path(location).name or "data") if single else folder.joinpath(*inside.parts)
        if ".." in target.relative_to(folder).parts:
            raise DataError(f"{key}: {part.location!r} leads out of {location!r}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if part.sha256 in published:
            shutil.copyfile(fetch(published[part.sha256]), target)
        else:
            assert bundle is not None  # refused above
            assert part.file is not None
            bundle.extract(part.file, target)
            if not _has(target, part):
                raise DataError(f"{bundle.path}: {part.file} in it has not the SHA-256 that it names")
        if single:
            return target
    return folder
