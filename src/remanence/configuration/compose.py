"""Composing a configuration from the package's ``conf`` folder, without running anything."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

from remanence.configuration.configuration import Configuration
from remanence.configuration.folder import conf_folder
from remanence.configuration.hydra_globals import COMPOSER, CURRENT, as_found
from remanence.configuration.messages import explain
from remanence.configuration.validate import KindOf, validate
from remanence.errors import ConfigurationError
from remanence.tracking.later_keys import complete


def compose(overrides: Sequence[str]) -> DictConfig:
    """Compose ``train.yaml`` with ``overrides`` as ``remanence train`` would.

    The composed configuration stays registered with Hydra, so that ``${hydra:…}`` can be resolved in it later.

    Raises:
        ConfigurationError: if the overrides do not fit the configuration.
    """
    with as_found(*COMPOSER):
        GlobalHydra.instance().clear()
        with initialize_config_dir(str(conf_folder()), job_name="remanence", **CURRENT):
            try:
                cfg = hydra_compose("train", list(overrides), return_hydra_config=True)
            except Exception as error:
                raise explain(error, conf_folder()) from error
    return bare(cfg)


def bare(cfg: DictConfig) -> DictConfig:
    """Register a composed configuration for ``${hydra:…}``, and return a copy without its ``hydra`` node."""
    HydraConfig.instance().set_config(cfg)
    task = cfg.copy()
    OmegaConf.set_readonly(task, False)
    with open_dict(task):
        del task["hydra"]
    return task


def amend(stored: dict[str, Any], overrides: Sequence[str], kind_of: KindOf) -> Configuration:
    """Return a stored configuration after overrides of its keys, and check it.

    Args:
        stored: plain values, as in the ``config.yaml`` of a run.
        overrides: overrides in Hydra's grammar, see ``changed``.
        kind_of: function that returns the kind of the data, see ``validate``.

    Raises:
        ConfigurationError: for an unknown key or name, or a value that does not fit.
    """
    return validate(changed(stored, overrides), kind_of, stored=stored)


def changed(stored: Mapping[str, Any], overrides: Sequence[str]) -> DictConfig:
    """Return a stored configuration after overrides of its keys, without checking it.

    Args:
        stored: plain values, as in the ``config.yaml`` of a run.
        overrides: overrides in Hydra's grammar, as on the command line: ``key=value``, ``~key``, and ``group=name``,
            which replaces all keys of the group by a file of ``conf``. As in Hydra, files come before values,
            wherever they stand, and of the values of a key the last one wins.

    Raises:
        ConfigurationError: for a ``name`` that ``conf`` does not have, or a ``~key`` that the configuration lacks.
    """
    cfg = with_later_keys(stored)
    for override in sorted(_parsed(overrides), key=_is_group, reverse=True):
        key = override.key_or_group
        if _is_group(override):
            key = key.replace("/", ".")
            value = OmegaConf.select(compose([str(override.input_line)]), key)
            OmegaConf.update(cfg, key, value, merge=False, force_add=True)
        elif not override.is_delete():
            OmegaConf.update(cfg, key, override.value(), merge=True, force_add=True)
        elif not _delete(cfg, key):
            raise ConfigurationError(f"{key}: the run has no such key to be left out")
    return cfg


def _parsed(overrides: Sequence[str]) -> list[Override]:
    try:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise explain(error, conf_folder()) from error
    for override in parsed:
        if override.is_sweep_override():
            raise ConfigurationError(f"{override.key_or_group}: one value is needed, got '{override.input_line}'")
    return parsed


def _is_group(override: Override) -> bool:
    """Return whether an override chooses a file of ``conf``."""
    return (conf_folder() / override.key_or_group).is_dir() and not override.is_delete()


def literal(values: Mapping[str, Any]) -> DictConfig:
    """Return plain values as a configuration in which no text is resolved, even if it looks like an interpolation.

    >>> literal({"path": "${oc.env:HOME}"}).path
    '${oc.env:HOME}'
    """
    return DictConfig(_escaped(values))


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(inner) for inner in value]
    # backslashes before an interpolation count twice, and one more makes it a text
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", value) if isinstance(value, str) else value


def with_later_keys(stored: Mapping[str, Any]) -> DictConfig:
    """Return a stored configuration completed by keys that were added after it.

    A key in ``LATER`` takes the value given there; any other missing key takes its default.
    """
    completed = complete(stored)
    decided = ("data", "model", "baselines", *(key for key in completed if key not in stored))
    defaults = {key: value for key, value in compose([]).items() if key not in decided}
    return DictConfig(OmegaConf.merge(defaults, literal(completed)))


def _delete(cfg: DictConfig, key: str) -> bool:
    """Remove a dotted key, and return whether it was there."""
    above, _, name = key.rpartition(".")
    parent = OmegaConf.select(cfg, above) if above else cfg
    if not isinstance(parent, DictConfig) or name not in parent:
        return False
    del parent[name]
    return True
