"""Composing a configuration from the package's ``conf`` folder, without running anything."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

import remanence
from remanence.configuration.messages import explain
from remanence.configuration.validate import validate
from remanence.errors import ConfigurationError


def conf_folder() -> Path:
    """Return the ``conf`` folder: inside an installed package, at the top of a checkout."""
    package = Path(remanence.__file__).parent
    return package / "conf" if (package / "conf").is_dir() else package.parents[1] / "conf"


def compose(overrides: Sequence[str]) -> DictConfig:
    """Compose ``train.yaml`` with ``overrides`` as ``remanence train`` would.

    Raises:
        ConfigurationError: if they do not fit the configuration.
    """
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_folder()), version_base="1.3", job_name="remanence"):
        try:
            cfg = hydra_compose("train", list(overrides), return_hydra_config=True)
        except Exception as error:
            raise explain(error, conf_folder()) from error
    return bare(cfg)


def bare(cfg: DictConfig) -> DictConfig:
    """Make a composed configuration the current one for ``${hydra:…}`` and return it without its ``hydra`` node."""
    HydraConfig.instance().set_config(cfg)
    task = cfg.copy()
    OmegaConf.set_readonly(task, False)
    with open_dict(task):
        del task["hydra"]
    return task


def amend(stored: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a stored configuration with ``key=value`` overrides of existing keys, checked.

    Args:
        stored: plain values, as ``config.yaml`` of a run holds them.
        overrides: in Hydra's grammar, as on the command line.

    Raises:
        ConfigurationError: for an unknown key or a value that does not fit.
    """
    cfg = OmegaConf.create(stored)
    for override in overrides:
        try:
            (parsed,) = OverridesParser.create().parse_overrides([override])
        except HydraException as error:
            raise explain(error, conf_folder()) from error
        if parsed.is_sweep_override():
            raise ConfigurationError(f"{parsed.key_or_group}: one value is needed, got '{override}'")
        OmegaConf.update(cfg, parsed.key_or_group, parsed.value(), force_add=True)
    return validate(cfg)
