"""The plan of a sweep: everything that can be known and checked before anything is tracked."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import HydraContext
from omegaconf import DictConfig
from optuna.samplers import BaseSampler

from remanence.configuration.arguments import is_verbatim, search_override
from remanence.configuration.build import build
from remanence.configuration.configuration import Configuration
from remanence.configuration.validate import objectives
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import console
from remanence.foundation.trust import trusting
from remanence.studies.kind import Data, Kind, Opened
from remanence.studies.kinds import check_objective, kind_of
from remanence.sweeps.composer import Composer
from remanence.sweeps.identity import SHA, Identity, short
from remanence.sweeps.sampling import Grid, choose_sampler
from remanence.sweeps.space import Search, Space, read_search
from remanence.sweeps.storage import study_url
from remanence.sweeps.sweep_file import also_set
from remanence.tracking.experiment_name import known_names

if TYPE_CHECKING:  # imports pandas, which takes a second; mistakes in the configuration are reported without it
    from remanence.data.source import Source


@dataclass(frozen=True)
class Plan:
    """The sweep that a command line asks for."""

    name: str
    """Name of the study."""
    space: Space
    n_trials: int
    """Number of trials in the whole study."""
    sampler: BaseSampler
    objectives: dict[str, str]
    """Metric to direction."""
    composer: Composer
    example: Configuration
    """Checked configuration of one of the trials."""
    digests: dict[str, list[str]]
    """``data`` node, as text, to the digests of its files."""
    identity: Identity
    url: str
    """Address of the study's database."""
    experiments: list[str]
    """Names of the MLflow experiments that the sweep may be in; a new one begins in the first."""

    @property
    def kind(self) -> Kind:
        """Kind of the data."""
        return kind_of(self.example.data, self.example.allowed_targets)

    @property
    def is_grid(self) -> bool:
        """Whether the sweep is a grid, which tries the combinations of listed values."""
        return isinstance(self.sampler, Grid)


def plan(arguments: Sequence[str], options: Mapping[str, Any], hydra_context: HydraContext, config: DictConfig) -> Plan:
    """Read a command line, compose configurations of its trials, and open their data.

    Args:
        arguments: overrides as typed.
        options: checked options of ``conf/hydra/sweeper/remanence.yaml``.
        hydra_context: Hydra's context of the sweeper.
        config: Hydra's configuration of the sweeper.

    Raises:
        UserError: if the configuration or the data of any trial is wrong.
    """
    search = read_search(arguments, options["params"], hydra_context.config_loader)
    space = search.space
    composer = Composer(hydra_context, config, search.common)
    sampler, n_trials = _size(search, options)
    cfgs = [composer.check(values) for values in (space.combinations() if sampler == "grid" else space.corners())]
    wanted = objectives(cfgs[0])
    with trusting(cfgs[0].allowed_targets):
        # the data are opened now, so that wrong data are reported here and not by a trial
        try:
            sources = {text: _opened(cfg).sources for text, cfg in {repr(cfg.data): cfg for cfg in cfgs}.items()}
        except DataError as error:
            raise DataError(f"{error}{_as_search(search.common)}") from error
    beside = _proposer(sampler, space, options) | _files(source for read in sources.values() for source in read)
    identity = Identity.of(space, composer.base, beside=beside)
    _tell_replaced(search)
    if also := also_set(config, space.texts):
        console.print(also)
    return Plan(
        name=cfgs[0].sweep.name or _name(config, identity, sampler),
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
        digests={text: [source.digest for source in read] for text, read in sources.items()},
        identity=identity,
        url=study_url(cfgs[0].sweep.storage, cfgs[0].paths.outputs),
        experiments=_experiments([(cfg, sources[repr(cfg.data)]) for cfg in cfgs]),
    )


def _tell_replaced(search: Search) -> None:
    """Print which searches a later override has replaced, because fewer runs are trained than the searches list."""
    for wanted, instead in search.replaced.items():
        console.print(f"{instead} replaces the search {wanted}")
    if search.replaced and not search.space.texts:
        console.print(f"nothing is left to search: one run with {', '.join(dict.fromkeys(search.replaced.values()))}")


def _opened(cfg: Configuration) -> Opened:
    """Return the data of a trial, after checking that its objectives can be known."""
    reader: Data = build("data", cfg.data)
    data = reader.open()
    check_objective(kind_of(cfg.data, cfg.allowed_targets), data, cfg)
    for name in objectives(cfg):
        if cfg.pruner.kind != "none" and name.startswith(("test/", "baseline/")):
            raise ConfigurationError(f"pruner: '{name}' is not known while training; add pruner=none or take val/mse")
    return data


def _as_search(common: Sequence[str]) -> str:
    """Return the end of a message that tells how several values of a key are searched that is taken as typed."""
    for override in OverridesParser.create().parse_overrides(list(common)):
        key, value = override.key_or_group, override.value()
        if isinstance(value, str) and "," in value and is_verbatim(key):
            searched = shlex.quote(search_override(key, value.split(",")))
            return f"; {key} is taken as typed, with its comma; to search several values, give {searched}"
    return ""


def _size(search: Search, options: Mapping[str, Any]) -> tuple[str, int]:
    """Return the name of the sampler and the number of trials."""
    space, name, n_trials = search.space, options["sampler"], options["n_trials"]
    if search.replaced and not space.texts:
        return "grid", 1
    if name == "auto":
        name = "grid" if space.is_finite and n_trials is None else "tpe"
    if not space.texts and n_trials is not None:
        raise ConfigurationError("hydra.sweeper.n_trials: nothing is searched; give a key several values")
    if name != "grid" and n_trials is None:
        raise ConfigurationError(f"hydra.sweeper.n_trials: must be given for the sampler '{name}'")
    size = len(space.combinations()) if name == "grid" else n_trials
    return name, size if n_trials is None else min(size, n_trials)


def _proposer(sampler: str, space: Space, options: Mapping[str, Any]) -> dict[str, str]:
    """Return what decides which trials are proposed: the sampler and its options, or for a grid the order of keys."""
    if sampler == "grid":
        return {"hydra.sweeper.sampler": f"grid of {', '.join(space.texts)}"}
    given = {"sampler": sampler, "sampler_arguments": options["sampler_arguments"], "seed": options["seed"]}
    return {f"hydra.sweeper.{key}": str(value) for key, value in given.items()}


def _files(sources: "Iterable[Source]") -> dict[str, str]:
    """Return digests of the user's own files, by file name; a study must not go on after their content has changed."""
    digests: dict[str, set[str]] = {}
    for source in sources:
        if source.kind == "local":  # a chain may have tables of the same name in several folders
            digests.setdefault(source.name, set()).add(short(source.digest))
    return {name: f"{SHA} {', '.join(sorted(found))}" for name, found in digests.items()}


def _experiments(trials: "Iterable[tuple[Configuration, Sequence[Source]]]") -> list[str]:
    """Return the names of the MLflow experiments that a sweep may be in, see ``known_names``.

    A sweep over several files of the user's is in none of theirs, but in that of its configuration.
    """
    names = {tuple(known_names(cfg, read)) for cfg, read in trials}
    first = min(names)
    return list(first) if len(names) == 1 else [first[-1]]


def _name(config: DictConfig, identity: Identity, sampler: str) -> str:
    """Return a name for a study made of its experiment, its search and its digest; another search has another name."""
    choices = config.hydra.runtime.choices
    experiment, search = choices.get("experiment") or "custom", choices.get("sweep") or sampler
    return f"{experiment}/{search.rpartition('/')[2]}-{identity.digest}"
