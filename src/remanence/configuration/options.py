"""Groups of a configuration that mean something to some kinds of data only, and what stands for leaving them out."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Protocol

from remanence.configuration.on_offer import read_file
from remanence.errors import ConfigurationError

OPTIONS = ("ensemble", "augmentation", "beta_schedule")


class HasOptions(Protocol):
    """A kind of data."""

    @property
    def name(self) -> str:
        """Such as ``table``."""

    @property
    def options(self) -> Collection[str]:
        """Root groups that mean something to it."""

    @property
    def ignored(self) -> Collection[str]:
        """Keys within these that mean nothing to it."""


def check_options(values: Mapping[str, Any], kind: HasOptions, *, stored: Mapping[str, Any]) -> None:
    """Refuse a group that means nothing to a kind of data and differs from its neutral choice.

    Args:
        values: a whole configuration.
        kind: of its data.
        stored: of the run that is resumed or forked; a group that it has is not refused again.

    Raises:
        ConfigurationError: naming the group and the choice that leaves it out.
    """
    for group, (choice, neutral) in neutral_choices().items():
        if values[group] in (neutral, stored.get(group)):
            continue
        differing = [key for key, value in values[group].items() if neutral.get(key) != value]
        if group in kind.options:
            # another choice of the group may bring such a key along; alone it was typed
            if all(f"{group}.{key}" in kind.ignored for key in differing):
                key = differing[0]
                raise ConfigurationError(
                    f"{group}.{key}: means nothing to data of kind '{kind.name}', got {values[group][key]}; "
                    "leave it out"
                )
            continue
        given = ", ".join(f"{group}.{key}={values[group][key]}" for key in differing)
        raise ConfigurationError(
            f"{group}: means nothing to data of kind '{kind.name}', got {given}; add {group}={choice}"
        )


@cache
def neutral_choices() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each of ``OPTIONS`` the name that ``train.yaml`` chooses, and its values."""
    chosen: dict[str, str] = {}
    for entry in read_file("train")["defaults"]:
        if isinstance(entry, dict):
            chosen |= {str(group): str(name) for group, name in entry.items()}
    return {group: (chosen[group], read_file(f"{group}/{chosen[group]}")) for group in OPTIONS}
