"""Turning Hydra's exceptions into one line for the user."""

import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from remanence.configuration.allowed_values import allowed_values
from remanence.configuration.choices import choices, is_part
from remanence.configuration.configuration import Configuration
from remanence.configuration.described import schema_of
from remanence.configuration.keys import known_keys
from remanence.configuration.validate import nearest
from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line
from remanence.foundation.typed_list import meant_list, typed_list

EXTRAS = {"joblib": "joblib", "submitit_local": "slurm", "submitit_slurm": "slurm"}
"""Name of a launcher in a plugin of Hydra, to the extra of remanence that installs this plugin."""

CALLED_HERE = {
    "epochs": "trainer.max_epochs",
    "n_epochs": "trainer.max_epochs",
    "learning_rate": "model.lr",
    "batch": "data.batch_size",
    "device": "trainer.accelerator",
    "gpus": "trainer.devices",
    "workers": "n_jobs",
}
"""Names that other frameworks have, to the keys that are meant."""


def explain(error: Exception, conf: Path) -> Exception:
    """Return a ConfigurationError for an exception of Hydra or OmegaConf; any other exception is returned as it is."""
    match error:
        case OverrideParseException():
            typed = str(error.override).strip("'")
            return ConfigurationError(f"cannot read '{typed}': {_quoted(typed)}")
        case MissingConfigException() if error.missing_cfg_file:
            return ConfigurationError(_missing_file(str(error.missing_cfg_file), error.options or [], conf))
        case ConfigCompositionException() if ambiguous := re.search(r"Ambiguous value for argument '(.*)'", str(error)):
            return ConfigurationError(
                f"{ambiguous.group(1)}: several values; add -m to try each of them, or write a list as [a,b]"
            )
        case ConfigCompositionException() | HydraException():
            return ConfigurationError(_composition(error, conf))
        case OmegaConfBaseException():
            return ConfigurationError(f"{error.full_key or 'configuration'}: {first_line(error)}")
        case _:
            return error


def _quoted(typed: str) -> str:
    """Return what to type instead of an override that Hydra's grammar cannot read, if that is a list of odd names."""
    key, _, value = typed.partition("=")
    names = meant_list(value)
    if names is not None and all(names):
        corrected = f"{key}={typed_list(names)}"
        with suppress(HydraException):
            OverridesParser.create().parse_override(corrected)
            return f"names with blanks, brackets or signs need quotes: {shlex.quote(corrected)}"
    return "not in Hydra's grammar; quote special characters"


def _missing_file(missing: str, options: Iterable[str], conf: Path) -> str:
    """Return a message for an unknown name such as ``experiment=piezo/nss``: group, name and the nearest known name."""
    groups = sorted((str(path.relative_to(conf)) for path in conf.rglob("*") if path.is_dir()), key=len)
    group = next((group for group in groups if missing.startswith(f"{group}/")), "")
    if group == "hydra":  # groups of Hydra, such as hydra/launcher, have two parts
        group = "/".join(missing.split("/")[:2])
    name = missing.removeprefix(f"{group}/")
    if name in EXTRAS:
        return f"{group}: {name} is not installed; add the extra: remanence[{EXTRAS[name]}]"
    found = {option for option in options if not is_part(option)}  # including those in the user's own conf folders
    known = sorted({*choices(conf / group), *found})
    hint = nearest(name, known) or f"; known: {', '.join(known)}"
    return f"{group or 'configuration'}: unknown name '{name}'{hint}"


def _composition(error: Exception, conf: Path) -> str:
    # of a group that a file overrides, Hydra 1.3 says "Could not override", and 1.4 "No earlier Group Default for"
    refused = "Could not (?:override|append to config|delete from config|find)|No earlier Group Default for"
    found = re.search(rf"(?:{refused}) '?([^'\s,]+)", str(error))
    if found is None:
        return first_line(error)
    key = found.group(1).rstrip(".'")
    known = sorted({*known_keys(key), *(path.name for path in conf.iterdir() if path.is_dir())})
    cause = error.__cause__
    absent = cause.full_key if isinstance(cause, OmegaConfBaseException) else None
    # a node above the key is missing: a wrong name of the user's, or a node that only another model has
    if absent and key.startswith(f"{absent}."):
        return _unknown_node(absent, [str(name) for name in cause.parent_node or ()])  # type: ignore[union-attr]
    if (conf / key).is_dir():  # an experiment sets this group for its own data, but the user has chosen other data
        return f"{key}: overridden, but what is chosen for {key.rpartition('/')[0] or key} has none"
    if absent == key and "." in key and isinstance(cause.parent_node, DictConfig):  # type: ignore[union-attr]
        return _unknown_entry(key, _names(cause.parent_node))  # type: ignore[union-attr]
    if key in known:  # Hydra accepts new entries of a mapping only with +
        return f"{key}: write +{key}=… to add entries to it"
    hint = _called_here(key) or _below_a_group(key, known) or nearest(key, known) or _siblings(key, known)
    return f"{key}: unknown key{hint}"


def _called_here(name: str) -> str:
    """Return a hint for a name of another framework, whatever group it is typed with; empty for other names."""
    meant = CALLED_HERE.get(name.rpartition(".")[2])
    return f"; did you mean '{meant}'?" if meant else ""


def _below_a_group(name: str, known: Iterable[str]) -> str:
    """Return a hint for a name that is typed without its group, such as ``lr=``; empty if no group has such a key."""
    there = [f"'{key}'" for key in known if key.count(".") == 1 and key.rpartition(".")[2] == name]
    return f"; did you mean {' or '.join(there)}?" if there else ""


def _unknown_node(key: str, there: Sequence[str]) -> str:
    """Return a message for a node that is missing where ``there`` are others."""
    above, _, name = key.rpartition(".")
    if not there:
        return f"{key}: unknown key; {_without_parts(above)}"
    return f"{key}: unknown key{nearest(name, there) or '; there are: ' + ', '.join(there)}"


def _unknown_entry(key: str, there: Sequence[str]) -> str:
    """Return a message for a key that is missing in a node, which has or may have the entries ``there``."""
    above, _, name = key.rpartition(".")
    if name in there:  # the class has this argument, although its YAML file leaves it out
        return f"{key}: write +{key}=… to add it"
    if not there:
        return f"{key}: unknown key; {_without_parts(above)}"
    hint = nearest(name, there, above) or _called_here(name) or f"; {above} has: {', '.join(there)}"
    return f"{key}: unknown key{hint}"


def _without_parts(key: str) -> str:
    """Return that a key holds a value, and which values it may hold, as far as the schema lists them."""
    values = allowed_values(get_type_hints(Configuration).get(key, Any))
    return f"{key} has no parts{': it is ' + ' or '.join(values) if values else ''}"


def _names(node: DictConfig) -> list[str]:
    """Return the keys of a node, followed by the other arguments of the class that the node names."""
    schema = schema_of(node.get("_target_"))
    taken = [entry.name for entry in fields(schema)] if schema is not None else []
    return list(dict.fromkeys([*(str(key) for key in node if key != "_target_"), *taken]))


def _siblings(key: str, known: list[str]) -> str:
    parent = key.rpartition(".")[0]
    names = [name for name in known if name.rpartition(".")[0] == parent]
    return f"; {parent or 'the configuration'} has: {', '.join(names)}" if names else ""
