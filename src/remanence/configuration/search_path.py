"""The folders in which a user's choices are: those that ``hydra.searchpath`` names, and ``conf`` of the package."""

import re
from collections.abc import Iterable
from pathlib import Path

from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError

KEY = "hydra.searchpath"


def conf_folders(arguments: Iterable[str] = ()) -> list[Path]:
    """Return the folders of choices; where two have a file of one name, Hydra takes that of the earlier folder.

    Args:
        arguments: a command line; ``hydra.searchpath=[file://mylab/conf]`` in it names folders of the user's. Packages
            (``pkg://``) are left out: to find one may import code.
    """
    named = [argument.partition("=")[2] for argument in arguments if argument.lstrip("+").startswith(f"{KEY}=")]
    own = [Path(found) for text in named for found in re.findall(r"file://([^,\]'\"]+)", text)]
    return list(dict.fromkeys([conf_folder(), *own]))


def check_folders(folders: Iterable[Path]) -> None:
    """Raise ConfigurationError if a folder of ``hydra.searchpath`` is not there."""
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"{KEY}: no folder {folder}; expected [file://<folder>]")
