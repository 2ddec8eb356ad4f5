"""``config.yaml``: the configuration of a run, with which it can be resumed, forked and applied from anywhere."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml
from mlflow import MlflowClient

from remanence.errors import ConfigurationError, DamagedFile
from remanence.foundation.damage import reading
from remanence.foundation.trust import allowed_targets
from remanence.tracking.artifact import artifact, places
from remanence.tracking.client import RunClient
from remanence.tracking.later_keys import complete
from remanence.tracking.tracked_configuration import TrackedConfiguration

FILE = "config.yaml"
NODES = ("data", "model", "baselines", "trainer", "tracking", "sweep")
"""Keys that every stored configuration has, with keys below them."""


def stored_configuration(cfg: TrackedConfiguration) -> str:
    """Return the configuration as YAML, without addresses, which may hold secrets, and without output folders.

    Data files are named by absolute paths, because the reader of this file may work in another folder.
    """
    plain = cfg.plain
    stored = {key: value for key, value in plain.items() if key != "paths"}
    stored["data"] = _absolute(plain["data"], "data", cfg.file_keys)
    stored["tracking"] = {**plain["tracking"], "uri": None, "parent": None}
    stored["sweep"] = {**plain["sweep"], "storage": None}
    stored["figure_style"] = None  # a path of this user: somebody else's run reads no file of that name
    # with marks of beginning and end, so that a file that was cut is recognised
    marked = {"explicit_start": True, "explicit_end": True}
    return str(yaml.safe_dump(stored, sort_keys=False, allow_unicode=True, **marked))


def read_configuration(client: MlflowClient | RunClient, run_id: str, folder: Path | None = None) -> dict[str, Any]:
    """Return the configuration that a run was started with, completed by the keys of ``LATER`` that it lacks.

    Its ``allowed_targets`` are those of the present user, and it names no ``figure_style``: a stored run does not
    decide what may be imported, or which further file is read.

    Args:
        client: client of the run's database.
        run_id: id of the run.
        folder: folder of the run, whose file is read if the artifacts lack it.

    Raises:
        ConfigurationError: if the run has no configuration, because it is a sweep or was not written by remanence.
        DamagedFile: if the file is damaged.
    """
    path = artifact(client, run_id, FILE, folder)
    if path is None:
        raise ConfigurationError(
            f"run {run_id} has no {FILE}: it is a sweep, no run of remanence, or died at once; there is none in "
            f"{places(client, run_id, folder)}"
        )
    try:
        return as_reader(read_file(path))
    except DamagedFile as error:
        raise error.of_run(run_id, path.parent) from error


def as_reader(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored configuration with the keys of ``LATER`` that it lacks, and what the present user allows."""
    return {**complete(stored), "allowed_targets": allowed_targets(), "figure_style": None}


def read_file(path: Path) -> dict[str, Any]:
    """Return what a ``config.yaml`` holds, as it was written; ``read_configuration`` says what is done with it.

    Raises:
        DamagedFile: if it is cut, or holds no configuration.
    """
    with reading(path):
        text = path.read_text(encoding="utf-8")
        values = yaml.safe_load(text)
        if text.startswith("---") and not text.endswith("...\n"):
            raise DamagedFile(path, "it ends too early")
        if not isinstance(values, Mapping):
            raise DamagedFile(path, f"expected keys and values, got {type(values).__name__}")
        for key in NODES:
            if not isinstance(values.get(key), Mapping):
                raise DamagedFile(path, f"it has no {key}")
        return dict(values)


def _absolute(node: Any, key: str, files: Collection[str]) -> Any:
    if isinstance(node, Mapping):
        return {name: _absolute(value, f"{key}.{name}", files) for name, value in node.items()}
    return str(Path(node).absolute()) if isinstance(node, str) and key in files else node
