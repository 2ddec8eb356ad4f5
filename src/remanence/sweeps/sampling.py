"""The sampler, which proposes the values of a trial: a grid, or one of Optuna's samplers."""

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
    """Proposes for trial number i the i-th combination of a list."""

    def __init__(self, combinations: Sequence[Mapping[str, Any]]) -> None:
        self.combinations = combinations

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: ``sample_independent`` looks up each value."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: ``sample_independent`` looks up each value."""
        return {}

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, _: BaseDistribution) -> Any:
        """Return the value of a key in the combination of this trial."""
        return self.combinations[trial.number][param_name]


class PerTrial(BaseSampler):
    """Creates a new sampler for every trial, with a seed that depends on the number of the trial.

    A sampler with one seed would, after a restart, propose again what it had proposed before; two machines that share
    a study would propose the same values. This class proposes the same values for a trial whether or not the sweep was
    interrupted.

    Args:
        make: function that returns a sampler with the given seed.
        seed: seed of the sweep.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int) -> None:
        self.make, self.seed = make, seed
        self.current = make(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Create the sampler of this trial."""
        self.current = self.make(int(np.random.SeedSequence((self.seed, trial.number)).generate_state(1)[0]))
        self.current.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Call the sampler of the trial; return nothing for a trial that is resumed, whose values are known."""
        return {} if trial.params else self.current.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Call the sampler of the trial."""
        return self.current.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Call the sampler of the trial."""
        return self.current.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Call the sampler of the trial."""
        self.current.after_trial(study, trial, state, values)


def choose_sampler(
    name: str, space: Space, *, seed: int, arguments: Mapping[str, Any], several_objectives: bool
) -> BaseSampler:
    """Return the sampler that ``hydra.sweeper.sampler`` names.

    Args:
        name: ``grid`` or a key of ``SAMPLERS``.
        space: search space.
        seed: seed of the sweep.
        arguments: further arguments of Optuna's class.
        several_objectives: whether there are several objectives, and so a Pareto front to find.

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
    """Return one of Optuna's samplers.

    Args:
        name: a key of ``SAMPLERS``.
        seed: seed of the sweep.
        own: seed of the trial.
        arguments: further arguments of Optuna's class.
    """
    given: dict[str, Any]
    match name:
        # QMC counts its points in the study, so all trials need the seed of the sweep. The first trial has no point of
        # the sequence and is drawn by the independent sampler.
        case "qmc":
            given = {"seed": seed, "scramble": True, "independent_sampler": RandomSampler(seed=own)}
        # keys without an order are drawn at random, as conf/hydra/sweeper says; Optuna need not warn for every trial
        case "cmaes":
            given = {"seed": own, "warn_independent_sampling": False}
        # values near those of trials that still run are proposed less: several are proposed at once. A sweep of one
        # trial at a time has no such trials.
        case "tpe":
            given = {"seed": own} | ({} if "constant_liar" in arguments else {"constant_liar": True})
        case _:
            given = {"seed": own}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return SAMPLERS[name](**given, **arguments)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"hydra.sweeper.sampler_arguments: {error}") from error
