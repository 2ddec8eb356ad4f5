"""A composition with the files that went into it, in Hydra's order, so that it is known who set a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.arguments import quote_verbatim
from remanence.configuration.folder import conf_folder
from remanence.configuration.hydra_globals import COMPOSER, CURRENT, as_found
from remanence.configuration.messages import explain
from remanence.configuration.search_path import KEY, conf_folders
from remanence.configuration.yaml_comments import first_comment, key_comments

ABSENT = object()


@dataclass(frozen=True)
class Setting:
    """One place that gives a key its value."""

    where: str
    """File, as a user would open it, or the override as typed."""
    value: Any
    comment: str = ""


@dataclass(frozen=True)
class ComposedFile:
    """A file that was merged, at its place in the configuration."""

    file: Path
    package: str
    """Dotted key of the node that the file is merged into; empty for the root."""

    @cached_property
    def text(self) -> str:
        """Text of the file."""
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def content(self) -> Any:
        """Plain values of the file."""
        return yaml.safe_load(self.text)

    @cached_property
    def comments(self) -> dict[str, str]:
        """Dotted key to the comment beside it."""
        return key_comments(self.text)

    @property
    def about(self) -> str:
        """Description of the file."""
        return first_comment(self.text)

    def setting(self, key: str) -> Setting | None:
        """Return what the file says of a dotted key; None if it says nothing."""
        inner = _inner(key, self.package)
        if inner is None:
            return None
        value = _found(self.content, inner.split("."))
        return None if value is ABSENT else Setting(str(self.file), value, self.comments.get(inner, ""))


@dataclass(frozen=True)
class Composed:
    """A configuration as ``train`` would compose it, and what it was made of."""

    cfg: DictConfig
    """With the node ``hydra``."""
    files: Sequence[ComposedFile]
    """In the order in which they are merged: of two that set a key the later one wins."""
    overrides: Sequence[Override]
    """Overrides of values, in the order in which they were typed."""
    typed: Sequence[str]
    """The overrides as they were typed, those that choose files included."""
    choices: Mapping[str, str | None]
    """Group to the chosen file."""
    chosen_by: Mapping[str, str]
    """Group to the file that overrides its choice, for groups whose choice is overridden by a file."""

    def settings(self, key: str) -> list[Setting]:
        """Return who sets a key, in order; the last one gives the value."""
        found = [setting for file in self.files if (setting := file.setting(key)) is not None]
        for override in self.overrides:
            if key == override.key_or_group or key.startswith(f"{override.key_or_group}."):
                value = ABSENT if override.is_delete() else _found(override.value(), _rest(key, override.key_or_group))
                if value is not ABSENT or override.is_delete():
                    found.append(Setting(str(override.input_line), None if value is ABSENT else value))
        return found


def compose_files(overrides: Sequence[str]) -> Composed:
    """Compose ``train.yaml`` with overrides, and keep which files were merged.

    Raises:
        ConfigurationError: if the overrides do not fit the configuration.
    """
    typed = quote_verbatim(list(overrides))
    with as_found(*COMPOSER):
        GlobalHydra.instance().clear()
        with initialize_config_dir(str(conf_folder()), job_name="remanence", **CURRENT):
            loader: Any = GlobalHydra.instance().config_loader()
            try:
                cfg = loader.load_configuration("train", typed, run_mode=RunMode.RUN)
                listed = loader.compute_defaults_list("train", typed, RunMode.RUN)
            except Exception as error:
                raise explain(error, conf_folder()) from error
    folders = conf_folders([f"{KEY}={list(cfg.hydra.searchpath)}"])
    files = [
        ComposedFile(found[0], each.package or "")
        for each in listed.defaults
        if (found := [file for folder in folders if (file := folder / f"{each.config_path}.yaml").is_file()])
    ]
    by_files = {
        group: f"{given.containing_config_path}.yaml"
        for group, given in listed.overrides.override_metadata.items()
        if not given.external_override and given.containing_config_path
    }
    choices = dict(OmegaConf.to_container(cfg.hydra.runtime.choices))  # type: ignore[arg-type]
    return Composed(cfg, files, listed.overrides.config_overrides, list(overrides), choices, by_files)


def _inner(key: str, package: str) -> str | None:
    """Return a key as a file of a package writes it; None if the key is not inside the package."""
    if package in ("", "_global_"):
        return key
    return key.removeprefix(f"{package}.") if key.startswith(f"{package}.") else None


def _rest(key: str, above: str) -> list[str]:
    return [] if key == above else key.removeprefix(f"{above}.").split(".")


def _found(node: Any, path: Sequence[str]) -> Any:
    """Return the value at a path; a reference above the key (``${…}``) stands for all below it."""
    for name in path:
        if isinstance(node, str) and "${" in node:
            return node
        if not isinstance(node, Mapping) or name not in node:
            return ABSENT
        node = node[name]
    return node
