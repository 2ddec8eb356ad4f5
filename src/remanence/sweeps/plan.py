"""Everything about a sweep that can be known, and found wrong, before anything is tracked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.types import HydraContext
from omegaconf import DictConfig
from optuna.samplers import BaseSampler

from remanence.configuration.build import build
from remanence.configuration.validate import objectives
from remanence.errors import ConfigurationError
from remanence.sweeps.composer import Composer
from remanence.sweeps.identity import Identity
from remanence.sweeps.sampling import Grid, choose_sampler
from remanence.sweeps.space import Space, read_search
from remanence.sweeps.storage import study_url


@dataclass(frozen=True)
class Plan:
    """What a command line asks for."""

    name: str
    """Of the study."""
    space: Space
    n_trials: int
    """Of the whole study."""
    sampler: BaseSampler
    objectives: dict[str, str]
    """Metric to direction."""
    composer: Composer
    example: dict[str, Any]
    """Checked configuration of one of the trials."""
    digests: dict[str, list[str]]
    """``data`` node, as text, to what its files hold."""
    identity: Identity
    url: str
    """Of the study's database."""

    @property
    def is_grid(self) -> bool:
        """Whether every combination is tried."""
        return isinstance(self.sampler, Grid)


def plan(arguments: Sequence[str], options: Mapping[str, Any], hydra_context: HydraContext, config: DictConfig) -> Plan:
    """Read a command line, compose what it asks for and open its data.

    Args:
        arguments: overrides as typed.
        options: of ``conf/hydra/sweeper/remanence.yaml``, checked.
        hydra_context: of the sweeper.
        config: of the sweeper.

    Raises:
        UserError: if any trial's configuration or data is wrong.
    """
    common, space = read_search(arguments, options["params"], hydra_context.config_loader)
    composer = Composer(hydra_context, config, common)
    sampler, n_trials = _size(space, options)
    cfgs = [composer.check(values) for values in (space.combinations() if sampler == "grid" else space.corners())]
    identity = Identity.of(space, composer.base, is_grid=sampler == "grid")
    wanted = objectives(cfgs[0])
    digests = {}
    for node in {repr(cfg["data"]): cfg["data"] for cfg in cfgs}.values():
        opened = build("data", node).open()  # wrong data are answered now, not by the trial that reads them
        digests[repr(node)] = [source.digest for source in opened.sources]
    return Plan(
        name=cfgs[0]["sweep"]["name"] or _name(config, identity, sampler),
        space=space,
        n_trials=n_trials,
        sampler=choose_sampler(
            sampler,
            space,
            seed=options["seed"],
            arguments=options["sampler_arguments"],
            several_objectives=len(wanted) > 1,
        ),
        objectives=wanted,
        composer=composer,
        example=cfgs[0],
        digests=digests,
        identity=identity,
        url=study_url(cfgs[0]["sweep"]["storage"], cfgs[0]["paths"]["outputs"]),
    )


def _size(space: Space, options: Mapping[str, Any]) -> tuple[str, int]:
    """Return the sampler's name and the number of trials."""
    name, n_trials = options["sampler"], options["n_trials"]
    if name == "auto":
        name = "grid" if space.is_finite and n_trials is None else "tpe"
    if name != "grid" and n_trials is None:
        raise ConfigurationError(f"hydra.sweeper.n_trials: must be given for the sampler '{name}'")
    size = len(space.combinations()) if name == "grid" else n_trials
    return name, size if n_trials is None else min(size, n_trials)


def _name(config: DictConfig, identity: Identity, sampler: str) -> str:
    """Name a study by its experiment and search; another search gets another name."""
    choices = config.hydra.runtime.choices
    experiment, search = choices.get("experiment") or "custom", choices.get("sweep") or sampler
    return f"{experiment}/{search.rpartition('/')[2]}-{identity.digest}"
