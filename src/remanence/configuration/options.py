"""Groups of a configuration that only some kinds of data use, and the neutral choice that switches a group off."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Protocol

from remanence.configuration.on_offer import read_file
from remanence.errors import ConfigurationError

OPTIONS = ("ensemble", "augmentation", "blend", "beta_schedule")


class HasOptions(Protocol):
    """A kind of data, as far as its options are concerned."""

    @property
    def name(self) -> str:
        """Name of the kind, such as ``table``."""

    @property
    def options(self) -> Collection[str]:
        """Groups of ``OPTIONS`` that this kind uses."""


def check_options(values: Mapping[str, Any], kind: HasOptions, *, stored: Mapping[str, Any]) -> None:
    """Refuse a group that a kind of data does not use, if it differs from the neutral choice of the group.

    Args:
        values: a whole configuration, plain values.
        kind: kind of the data.
        stored: configuration of the run that is resumed or forked; a group with the same values is not refused.

    Raises:
        ConfigurationError: if a group is refused; the error names the group and its neutral choice.
    """
    for group, (choice, neutral) in neutral_choices().items():
        if group in kind.options or values[group] in (neutral, stored.get(group)):
            continue
        differing = [key for key, value in values[group].items() if neutral.get(key) != value]
        given = ", ".join(f"{group}.{key}={values[group][key]}" for key in differing)
        raise ConfigurationError(
            f"{group}: means nothing to data of kind '{kind.name}', got {given}; add {group}={choice}"
        )


@cache
def neutral_choices() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return, for each group of ``OPTIONS``, the file name that ``train.yaml`` chooses and the values in this file."""
    chosen: dict[str, str] = {}
    for entry in read_file("train")["defaults"]:
        if isinstance(entry, dict):
            chosen |= {str(group): str(name) for group, name in entry.items()}
    return {group: (chosen[group], read_file(f"{group}/{chosen[group]}")) for group in OPTIONS}
