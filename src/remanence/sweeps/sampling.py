"""Who proposes the values of a trial: a grid, or one of Optuna's samplers."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, QMCSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from remanence.errors import ConfigurationError
from remanence.sweeps.space import Space

SAMPLERS: dict[str, Callable[..., BaseSampler]] = {
    "tpe": TPESampler,
    "gp": GPSampler,
    "cmaes": CmaEsSampler,
    "qmc": QMCSampler,
    "random": RandomSampler,
}


class Grid(BaseSampler):
    """Proposes the combination whose place in the list is the number of the trial."""

    def __init__(self, combinations: Sequence[Mapping[str, Any]]) -> None:
        self.combinations = combinations

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: each value is looked up by itself."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: each value is looked up by itself."""
        return {}

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, _: BaseDistribution) -> Any:
        """Return the value of a key."""
        return self.combinations[trial.number][param_name]


class PerTrial(BaseSampler):
    """Makes a sampler anew for every trial, from a seed that the trial's number decides.

    A sampler with one seed would propose after a restart what it had proposed before it (and those of two machines
    that join a study the same). This one proposes for a trial the same whether or not the sweep was interrupted.

    Args:
        make: returns a sampler with the given seed.
        seed: of the sweep.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int) -> None:
        self.make, self.seed = make, seed
        self.current = make(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Make the sampler of this trial."""
        self.current = self.make(int(np.random.SeedSequence((self.seed, trial.number)).generate_state(1)[0]))
        self.current.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """As the sampler of the trial; nothing for one that is taken up again, whose values are known."""
        return {} if trial.params else self.current.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """As the sampler of the trial."""
        return self.current.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """As the sampler of the trial."""
        return self.current.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """As the sampler of the trial."""
        self.current.after_trial(study, trial, state, values)


def choose_sampler(
    name: str, space: Space, *, seed: int, arguments: Mapping[str, Any], several_objectives: bool
) -> BaseSampler:
    """Return the sampler that ``hydra.sweeper.sampler`` names.

    Args:
        name: ``grid`` or a key of ``SAMPLERS``.
        space: what is searched.
        seed: of the sweep.
        arguments: further ones of Optuna's class.
        several_objectives: whether there is a Pareto front to find.

    Raises:
        ConfigurationError: if the sampler cannot search this space, or does not know an argument.
    """
    if name == "grid":
        return Grid(space.combinations())
    if name == "cmaes" and several_objectives:
        raise ConfigurationError("hydra.sweeper.sampler: cmaes has one objective; take tpe, gp, qmc or random")
    intervals = [key for key, found in space.distributions.items() if not isinstance(found, CategoricalDistribution)]
    if name == "cmaes" and len(intervals) < 2:
        raise ConfigurationError("hydra.sweeper.sampler: cmaes needs two intervals; take tpe, gp, qmc or random")
    return PerTrial(lambda own: _make(name, seed, own, arguments), seed)


def _make(name: str, seed: int, own: int, arguments: Mapping[str, Any]) -> BaseSampler:
    """Return a sampler of Optuna.

    Args:
        name: a key of ``SAMPLERS``.
        seed: of the sweep.
        own: seed of the trial.
        arguments: further ones.
    """
    match name:
        case "qmc":  # counts its points in the study, so that its seed must stay; the first trial has no point
            given = {"seed": seed, "scramble": True, "independent_sampler": RandomSampler(seed=own)}
        case "cmaes":  # what has no order is drawn at random, as conf/hydra/sweeper says; not a warning for each trial
            given = {"seed": own, "warn_independent_sampling": False}
        case _:
            given = {"seed": own}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return SAMPLERS[name](**given, **arguments)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"hydra.sweeper.sampler_arguments: {error}") from error
