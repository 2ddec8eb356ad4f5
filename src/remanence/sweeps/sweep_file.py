"""What the file of a search by name (``sweep=piezo/bayes``) sets beside what it searches."""

from collections.abc import Collection

from omegaconf import DictConfig, OmegaConf

from remanence.configuration.arguments import as_text
from remanence.configuration.file_changes import file_changes
from remanence.configuration.search_path import conf_folders


def also_set(config: DictConfig, searched: Collection[str]) -> str:
    """Return a line that says what else the chosen file of the group ``sweep`` sets; empty if it sets nothing else.

    What the command line overrides is left out, and so is what is searched.

    Args:
        config: Hydra's configuration of the sweeper.
        searched: keys and groups that are searched.
    """
    choices = config.hydra.runtime.choices
    name = choices.get("sweep")
    if name in (None, "null"):
        return ""
    changes = file_changes("sweep", str(name), conf_folders(config.hydra.overrides.hydra))
    groups = {group: chosen for group, chosen in changes.groups.items() if choices.get(group) == chosen}
    keys = {key: value for key, value in changes.keys.items() if _holds(config, key, value)}
    said = [f"{key}={as_text(value)}" for key, value in (groups | keys).items() if key not in searched]
    return f"sweep={name} also sets {', '.join(said)}" if said else ""


def _holds(config: DictConfig, key: str, value: object) -> bool:
    """Return whether a key has the value that the file gives it, unresolved."""
    above, _, name = key.rpartition(".")
    node = OmegaConf.select(config, above) if above else config
    return isinstance(node, DictConfig) and name in node and _plain(node, name) == value


def _plain(node: DictConfig, name: str) -> object:
    values = OmegaConf.to_container(node, resolve=False)
    return values[name] if isinstance(values, dict) else None
