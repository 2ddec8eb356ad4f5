"""The version of what is stored, and the refusal of another one."""

from remanence.errors import ConfigurationError

VERSION = 1
"""Version number; it is raised when files and tags of an earlier version can no longer be read."""


def check_version(found: object, where: str) -> None:
    """Raise ConfigurationError unless ``found`` is the schema version that this package writes."""
    if found is None:
        raise ConfigurationError(f"{where} was not written by remanence; move it or set paths.outputs=<new folder>")
    if str(found) != str(VERSION):
        raise ConfigurationError(
            f"{where} has schema version {found}, this remanence reads version {VERSION}; "
            "use the release that wrote it, or set paths.outputs=<new folder>"
        )
