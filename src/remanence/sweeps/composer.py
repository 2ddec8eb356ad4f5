"""From what a sampler proposes to the checked configuration of a trial."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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

    Hydra reads some twenty files for a configuration, which takes a tenth of a second. Trials that choose the same ones
    and differ in values of keys, as most do, share what was read.

    Args:
        hydra_context: of the sweeper.
        config: of the sweeper.
        common: overrides that all trials share.
    """

    def __init__(self, hydra_context: HydraContext, config: DictConfig, common: Sequence[str]) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.common = ["figures=brief", *common]
        self._known: dict[tuple[str, ...], Configuration] = {}
        self._composed: dict[tuple[str, ...], DictConfig] = {}
        self._groups: dict[str, bool] = {}

    @property
    def base(self) -> dict[str, Any]:
        """What all trials share, as plain values, references unresolved."""
        values: dict[str, Any] = OmegaConf.to_container(self._compose([]), resolve=False)  # type: ignore[assignment]
        return values

    def check(self, values: Mapping[str, Any]) -> Configuration:
        """Return the checked configuration for proposed values.

        Raises:
            ConfigurationError: if they do not fit.
        """
        varied = tuple(as_overrides(values))
        if varied not in self._known:
            self._known[varied] = checked(self._compose(varied))
        return self._known[varied]

    def job(self, number: int, values: Mapping[str, Any], *, sweep: str, parent: str) -> Job:
        """Return a trial that is ready to run.

        Args:
            number: of the trial.
            values: proposed.
            sweep: its name.
            parent: id of its run.
        """
        cfg = self.check(values)
        outputs = str(Path(cfg.paths.outputs).absolute())  # a launcher may run it from another folder
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
        own = [f"sweep.trial={number}", *(f"{key}={quoted(text)}" for key, text in texts.items() if text)]
        return Job(number, [*self.common, *as_overrides(values), *own], cfg)

    def _compose(self, varied: Sequence[str]) -> DictConfig:
        """Compose what all trials share with the overrides of one."""
        parsed = OverridesParser.create().parse_overrides(list(varied))
        plain = [override for override in parsed if self._is_plain(override)]
        cfg = self._from_files([str(override.input_line) for override in parsed if override not in plain])
        try:
            for override in plain:
                OmegaConf.update(cfg, override.key_or_group, override.value(), merge=True)
        except (OmegaConfBaseException, ValueError):
            return self._from_files(varied)  # says what is wrong as for a single run
        return cfg

    def _from_files(self, varied: Sequence[str]) -> DictConfig:
        chosen = tuple(varied)
        if chosen not in self._composed:
            load = self.hydra_context.config_loader.load_sweep_config
            try:
                self._composed[chosen] = load(self.config, [*self.common, *chosen])
            except Exception as error:
                raise explain(error, conf_folder()) from error
        return bare(self._composed[chosen])

    def _is_plain(self, override: Override) -> bool:
        """Whether an override gives a value to a key that is there; others choose files, add or delete."""
        key = override.key_or_group
        if key not in self._groups:
            given = list(self.config.hydra.overrides.hydra)  # a search path may bring groups
            self._groups[key] = bool(self.hydra_context.config_loader.get_group_options(key, overrides=given))
        return override.type == OverrideType.CHANGE and not key.startswith("hydra.") and not self._groups[key]


def _name(values: Mapping[str, Any]) -> str | None:
    """Name a run by what varies."""
    shown = [(key.rpartition(".")[2], f"{v:.4g}" if isinstance(v, float) else str(v)) for key, v in values.items()]
    return ", ".join(f"{key}={value}" for key, value in shown).replace("'", "")[:RUN_NAME_LENGTH] or None
