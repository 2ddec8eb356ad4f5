"""Reads a file as a run does, without training on it."""

from pathlib import Path

from instruments.manifest import FOLDER

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.validate import check_target


def measured(data, name, **options):
    """Return what a class of data, ``data=raw`` for example, reads of a file of this folder, or of another by its path.

    Options are those of the command line, without ``data.``.
    """
    given = [] if name is None else [f"data.path={name if Path(name).is_absolute() else FOLDER / name}"]
    given += [f"data.{key}={value}" for key, value in options.items()]
    cfg = compose([f"data={data}", *given])
    return build("data", check_target("data", cfg, allowed=cfg.allowed_targets)).read()
