"""Plain grids: every combination of the values on the command line, each a tracked run under one parent."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from remanence.configuration.build import build
from remanence.configuration.compose import bare, conf_folder
from remanence.configuration.messages import explain
from remanence.configuration.validate import validate
from remanence.errors import ConfigurationError


class Grid(Sweeper):  # type: ignore[misc]
    """Hydra sweeper: check every job before the first starts, go on when one fails, group them in MLflow."""

    hydra_context: HydraContext
    config: DictConfig
    launcher: Launcher

    def __init__(self, params: Mapping[str, str] | None = None) -> None:
        """Take the search space that ``sweep=`` names, as key to listed values; the command line wins."""
        self.params = dict(params or {})

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Keep what Hydra hands over and make the launcher."""
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Run all jobs.

        Raises:
            UserError: before the first job, if any job's configuration or table is wrong.
            RuntimeError: after the last job, if any failed.
        """
        jobs = self.jobs(arguments)
        checked = [self.check([*common, *varied]) for common, varied in jobs]
        for node in {repr(cfg["data"]): cfg["data"] for cfg in checked}.values():
            build("data", node).check()  # wrong data are answered now, not by the job that reads them
        from remanence.sweeps.parent import parent_run  # imports MLflow: not before the jobs are known to be right
        from remanence.sweeps.summary import summarise

        searched = [*arguments, *(f"{key}={values}" for key, values in self.params.items())]
        with parent_run(checked[0], searched) as parent:
            launched = [
                ["figures=brief", *common, *varied, f"tracking.parent='{parent.id}'", *_name(varied, common)]
                for common, varied in jobs
            ]
            returns = self.launcher.launch(launched, initial_job_idx=0)
            summarise(parent)
            failed = [
                (" ".join(varied), result.return_value)
                for (_, varied), result in zip(jobs, returns, strict=True)
                if isinstance(result.return_value, Exception)
            ]
            if failed:
                named = "; ".join(f"{job}: {type(error).__name__}: {error}" for job, error in failed)
                raise RuntimeError(f"{len(failed)} of {len(jobs)} jobs failed: {named}")
        return returns

    def jobs(self, arguments: Sequence[str]) -> list[tuple[list[str], list[str]]]:
        """Return, for each job, the overrides that all share and those that vary."""
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        typed = parser.parse_overrides(list(arguments))
        searched = parser.parse_overrides([f"{key}={values}" for key, values in self.params.items()])
        given = {override.key_or_group for override in typed}
        overrides = [*typed, *(override for override in searched if override.key_or_group not in given)]
        common = [str(override.input_line) for override in overrides if not override.is_sweep_override()]
        varied = [_values(override) for override in overrides if override.is_sweep_override()]
        return [(common, list(combination)) for combination in itertools.product(*varied)]

    def check(self, overrides: list[str]) -> dict[str, Any]:
        """Compose and validate one job."""
        try:
            cfg = self.hydra_context.config_loader.load_sweep_config(self.config, overrides)
        except Exception as error:
            raise explain(error, conf_folder()) from error
        return validate(bare(cfg))


def _values(override: Override) -> list[str]:
    if not override.is_discrete_sweep():
        raise ConfigurationError(f"{override.key_or_group}: a grid needs listed values, got '{override.input_line}'")
    key = override.get_key_element()
    return [f"{key}={value}" for value in override.sweep_string_iterator()]


def _name(varied: list[str], common: list[str]) -> list[str]:
    """Name a job by what varies, unless the user named the runs."""
    if not varied or any(override.startswith("name=") for override in [*common, *varied]):
        return []
    keys = [override.partition("=")[0].rpartition(".")[2] for override in varied]
    values = [override.partition("=")[2] for override in varied]
    text = ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True)).replace("'", "")
    return [f"name='{text}'"]


def register(sweeper: type[Grid]) -> None:
    """Make ``hydra/sweeper=remanence`` known under the class that Hydra's plugin namespace holds."""
    node = {"_target_": f"{sweeper.__module__}.{sweeper.__qualname__}", "params": {}}
    ConfigStore.instance().store(group="hydra/sweeper", name="remanence", node=node, provider="remanence")
