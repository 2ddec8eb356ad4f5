"""From what a sampler proposes to the checked configuration of a trial."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.arguments import quoted
from remanence.configuration.compose import bare, conf_folder
from remanence.configuration.messages import explain
from remanence.configuration.validate import validate
from remanence.sweeps.slots import Job
from remanence.sweeps.space import as_overrides


class Composer:
    """Composes the trials of a sweep.

    Args:
        hydra_context: of the sweeper.
        config: of the sweeper.
        common: overrides that all trials share.
    """

    def __init__(self, hydra_context: HydraContext, config: DictConfig, common: Sequence[str]) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.common = ["figures=brief", *common]
        self._known: dict[tuple[str, ...], dict[str, Any]] = {}

    @property
    def base(self) -> dict[str, Any]:
        """What all trials share, as plain values, references unresolved."""
        values: dict[str, Any] = OmegaConf.to_container(self._compose(self.common), resolve=False)  # type: ignore[assignment]
        return values

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the checked configuration for proposed values.

        Raises:
            ConfigurationError: if they do not fit.
        """
        varied = tuple(as_overrides(values))
        if varied not in self._known:
            self._known[varied] = validate(self._compose([*self.common, *varied]))
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
        outputs = str(Path(cfg["paths"]["outputs"]).absolute())  # a launcher may run it from another folder
        name = cfg["name"] or _name(values)
        cfg = {
            **cfg,
            "name": name,
            "sweep": {**cfg["sweep"], "name": sweep, "trial": number},
            "tracking": {**cfg["tracking"], "parent": parent},
        }
        texts = {"sweep.name": sweep, "tracking.parent": parent, "paths.outputs": outputs, "name": name}
        own = [f"sweep.trial={number}", *(f"{key}={quoted(text)}" for key, text in texts.items() if text)]
        return Job(number, [*self.common, *as_overrides(values), *own], cfg)

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        try:
            cfg = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        except Exception as error:
            raise explain(error, conf_folder()) from error
        return bare(cfg)


def _name(values: Mapping[str, Any]) -> str | None:
    """Name a run by what varies."""
    shown = [(key.rpartition(".")[2], f"{v:.4g}" if isinstance(v, float) else str(v)) for key, v in values.items()]
    return ", ".join(f"{key}={value}" for key, value in shown).replace("'", "") or None
