"""Paths that stored runs name: a path stays below its folder, whatever a tag, an artifact or a link says."""

from collections.abc import Mapping
from pathlib import Path

from remanence.errors import ConfigurationError

FOLDER_TAG = "remanence.folder"
"""Tag of a run whose folder is not ``runs/<run id>``: path of its folder, relative to the outputs."""


def below(folder: Path, name: str, what: str) -> Path:
    """Return the path ``name`` in ``folder``; a stored run, which names it, is data from somebody else.

    Args:
        folder: folder that the path must stay in, also after its symbolic links are followed.
        name: relative path.
        what: what names the path, for the message.

    Raises:
        ConfigurationError: if the path is the folder itself or leads out of it.
    """
    path = folder / name
    try:
        top, leads_to = folder.resolve(), path.resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a null byte, a name that is too long, links in a circle
        raise ConfigurationError(f"{what}: {name!r} is no path: {error}") from error
    if ".." in Path(name).parts or leads_to == top or not leads_to.is_relative_to(top):
        raise ConfigurationError(f"{what}: {name!r} leads out of {folder}")
    return path


def run_folder(outputs: Path, run_id: str, tags: Mapping[str, str]) -> Path:
    """Return the folder of a run: ``runs/<run id>``, or for the runs of a sweep what the run's tag says.

    Raises:
        ConfigurationError: if the tag leads out of the outputs.
    """
    return below(outputs, tags.get(FOLDER_TAG, f"runs/{run_id}"), f"run {run_id}: tag {FOLDER_TAG}")


def refuse_folder_tag(tags: Mapping[str, str]) -> None:
    """Refuse tags of a configuration that would choose the folder of its run, which may be that of another run.

    Raises:
        ConfigurationError: if there is such a tag.
    """
    if FOLDER_TAG in tags:
        raise ConfigurationError(f"tracking.tags: {FOLDER_TAG} says where files are written, and is not yours to set")
