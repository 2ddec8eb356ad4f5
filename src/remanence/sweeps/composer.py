"""Composing the checked configuration of a trial from the values that a sampler proposes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from remanence.configuration.arguments import quoted
from remanence.configuration.compose import bare
from remanence.configuration.configuration import Configuration
from remanence.configuration.folder import conf_folder
from remanence.configuration.messages import explain
from remanence.configuration.validate import configuration_of
from remanence.studies.kinds import checked
from remanence.sweeps.slots import Job
from remanence.sweeps.space import as_overrides
from remanence.tracking.limits import RUN_NAME_LENGTH


class Composer:
    """Composes the trials of a sweep.

    Hydra reads some twenty files for a configuration, which takes a tenth of a second. Most trials choose the same
    files and differ only in the values of keys; the files are read once for all such trials.

    Args:
        hydra_context: Hydra's context of the sweeper.
        config: Hydra's configuration of the sweeper.
        common: overrides that all trials share.
    """

    def __init__(self, hydra_context: HydraContext, config: DictConfig, common: Sequence[str]) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.common = ["figures=brief", *common]
        self._known: dict[tuple[str, ...], Configuration] = {}
        self._composed: dict[tuple[str, ...], tuple[DictConfig, DictConfig]] = {}
        """Chosen files to the composed configuration, and the same without Hydra's own part, which is large."""
        self._registered: tuple[tuple[str, ...], Any] | None = None
        """Chosen files that ``${hydra:…}`` reads from, and what Hydra holds of them."""
        self._groups: dict[str, bool] = {}

    @property
    def base(self) -> dict[str, Any]:
        """The configuration that all trials share, as plain values with unresolved references."""
        values: dict[str, Any] = OmegaConf.to_container(self._compose([]), resolve=False)  # type: ignore[assignment]
        return values

    def check(self, values: Mapping[str, Any]) -> Configuration:
        """Return the checked configuration of a trial with the proposed values.

        Raises:
            ConfigurationError: if the values do not fit the configuration.
        """
        varied = tuple(as_overrides(values))
        if varied not in self._known:
            self._known[varied] = checked(self._compose(varied))
        return self._known[varied]

    def job(self, number: int, values: Mapping[str, Any], *, sweep: str, parent: str) -> Job:
        """Return a trial that is ready to run.

        Args:
            number: number of the trial.
            values: values that the sampler proposed.
            sweep: name of the sweep.
            parent: id of the parent run of the sweep.
        """
        cfg = self.check(values)
        outputs = str(Path(cfg.paths.outputs).absolute())  # a launcher may run the trial from another folder
        name = cfg.name or _name(values)
        plain = cfg.plain
        cfg = configuration_of(
            {
                **plain,
                "name": name,
                "sweep": {**plain["sweep"], "name": sweep, "trial": number},
                "tracking": {**plain["tracking"], "parent": parent},
            }
        )
        texts = {"sweep.name": sweep, "tracking.parent": parent, "paths.outputs": outputs, "name": name}
        if cfg.figure_style:
            texts["figure_style"] = str(Path(cfg.figure_style).absolute())
        own = [f"sweep.trial={number}", *(f"{key}={quoted(text)}" for key, text in texts.items() if text)]
        return Job(number, [*self.common, *as_overrides(values), *own], cfg)

    def _compose(self, varied: Sequence[str]) -> DictConfig:
        """Compose the shared overrides together with the overrides of one trial."""
        parsed = OverridesParser.create().parse_overrides(list(varied))
        plain = [override for override in parsed if self._is_plain(override)]
        cfg = self._from_files([str(override.input_line) for override in parsed if override not in plain])
        try:
            for override in plain:
                OmegaConf.update(cfg, override.key_or_group, override.value(), merge=True)
        except (OmegaConfBaseException, ValueError):
            return self._from_files(varied)  # raises the same error as for a single run
        return cfg

    def _from_files(self, varied: Sequence[str]) -> DictConfig:
        chosen = tuple(varied)
        if chosen not in self._composed:
            load = self.hydra_context.config_loader.load_sweep_config
            try:
                whole = load(self.config, [*self.common, *chosen])
            except Exception as error:
                raise explain(error, conf_folder()) from error
            self._composed[chosen] = whole, bare(whole)
        whole, task = self._composed[chosen]
        hydra = HydraConfig.instance()
        if self._registered is None or self._registered[0] != chosen or self._registered[1] is not hydra.cfg:
            hydra.set_config(whole)
            self._registered = chosen, hydra.cfg
        return task.copy()

    def _is_plain(self, override: Override) -> bool:
        """Return whether an override gives a value to an existing key; others choose a file, add or delete a key."""
        key = override.key_or_group
        if key not in self._groups:
            given = list(self.config.hydra.overrides.hydra)  # they may add a search path, which may have more groups
            self._groups[key] = bool(self.hydra_context.config_loader.get_group_options(key, overrides=given))
        return override.type == OverrideType.CHANGE and not key.startswith("hydra.") and not self._groups[key]


def _name(values: Mapping[str, Any]) -> str | None:
    """Return a name for a trial's run made of the values that vary; None if none vary."""
    shown = [(key.rpartition(".")[2], f"{v:.4g}" if isinstance(v, float) else str(v)) for key, v in values.items()]
    return ", ".join(f"{key}={value}" for key, value in shown).replace("'", "")[:RUN_NAME_LENGTH] or None
