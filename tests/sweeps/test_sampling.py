import warnings

import optuna
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from optuna.trial import TrialState

from remanence.errors import ConfigurationError
from remanence.sweeps.sampling import SAMPLERS, choose_sampler
from remanence.sweeps.space import Space

SEARCH = ("lr=tag(log,interval(1e-4,1))", "hidden=int(interval(1,1000))", "loss=mse,mae,huber")
FEW_AT_RANDOM = {"tpe": {"n_startup_trials": 2}, "gp": {"n_startup_trials": 2}, "cmaes": {"n_startup_trials": 2}}


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def space(*searches):
    return Space.of(OverridesParser.create().parse_overrides(list(searches)))


def sampler(name, searched, *, seed=0, arguments=None, several_objectives=False):
    return choose_sampler(name, searched, seed=seed, arguments=arguments or {}, several_objectives=several_objectives)


def propose(name, count, *, restarts=(), interrupted=(), searched=None, seed=0):
    """Return what is proposed to trials that run one after the other.

    Args:
        name: of the sampler.
        count: of trials.
        restarts: numbers of trials before which the process is a new one.
        interrupted: numbers of trials that are given back once.
        searched: the space.
        seed: of the sweep.
    """
    searched = searched or space(*SEARCH)
    study = optuna.create_study()
    for number in range(count):
        if number in (0, *restarts):
            study.sampler = sampler(name, searched, arguments=FEW_AT_RANDOM.get(name), seed=seed)
        trial = study.ask(searched.distributions)
        if number in interrupted:
            study._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)
            study.sampler = sampler(name, searched, arguments=FEW_AT_RANDOM.get(name), seed=seed)
            trial = study.ask(searched.distributions)
        assert trial.number == number
        # the bowl has its bottom inside the space, for those that learn from values
        study.tell(trial, (trial.params.get("lr", 0) - 0.1) ** 2 + trial.params.get("hidden", 0) / 1000)
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_that_is_interrupted_proposes_what_it_would_have_proposed(name):
    count = 4 if name == "gp" else 8  # it fits a process to every trial that has ended
    alone = propose(name, count)

    assert propose(name, count, restarts=(1, 3, 4, 7)) == alone
    assert propose(name, count, interrupted=(0, 2, 3, 5)) == alone
    assert len({(trial["lr"], trial["hidden"]) for trial in alone}) == count
    assert propose(name, 3, seed=1) != alone[:3]


@pytest.mark.parametrize("name", SAMPLERS)
def test_trials_that_run_at_the_same_time_are_different(name):
    searched = space(*SEARCH)
    study = optuna.create_study()
    asked = []
    for _ in range(4):  # four machines that join a study before the first trial has ended
        study.sampler = sampler(name, searched)
        asked.append(study.ask(searched.distributions).params)

    assert len({trial["lr"] for trial in asked}) == 4


def test_a_grid_visits_each_combination_once_and_in_order_over_restarts_and_interruptions():
    searched = space("lr=0.1,0.2", "hidden=range(3)")
    expected = [{"lr": lr, "hidden": hidden} for lr in ("0.1", "0.2") for hidden in range(3)]

    assert propose_grid(searched, restarts=(), interrupted=()) == expected
    assert propose_grid(searched, restarts=(2, 3), interrupted=(0, 4, 5)) == expected


def propose_grid(searched, **moments):
    study = optuna.create_study()
    for number in range(6):
        if number in (0, *moments["restarts"]):
            study.sampler = sampler("grid", searched)
        trial = study.ask(searched.distributions)
        if number in moments["interrupted"]:
            study._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)
            trial = study.ask(searched.distributions)
        study.tell(trial, 0.0)
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("name", ["random", "qmc", "tpe"])
def test_two_objectives_are_sampled(name):
    searched = space(*SEARCH)
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.sampler = sampler(name, searched, several_objectives=True)

    for _ in range(3):
        trial = study.ask(searched.distributions)
        study.tell(trial, [trial.params["lr"], trial.params["hidden"]])

    assert len({trial.params["lr"] for trial in study.trials}) == 3


def test_no_sampler_warns_the_user_of_what_is_meant():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in SAMPLERS:
            sampler(name, space(*SEARCH))

    assert [str(warning.message) for warning in caught] == []


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        ("tpe", {"n_startup": 5}, "n_startup"),
        ("qmc", {"qmc_type": "latin"}, "latin"),
        ("random", {"seed": 3}, "seed"),
    ],
)
def test_arguments_that_a_sampler_does_not_take_are_refused_by_name(name, arguments, complaint):
    with pytest.raises(ConfigurationError, match=rf"hydra\.sweeper\.sampler_arguments: .*{complaint}"):
        sampler(name, space(*SEARCH), arguments=arguments)


def test_arguments_reach_the_sampler():
    made = sampler("tpe", space(*SEARCH), arguments={"n_startup_trials": 3})

    assert made.current._n_startup_trials == 3


def test_cmaes_has_one_objective():
    with pytest.raises(ConfigurationError, match=r"hydra\.sweeper\.sampler: cmaes has one objective"):
        sampler("cmaes", space(*SEARCH), several_objectives=True)


def test_a_grid_of_an_interval_is_refused_by_its_key():
    with pytest.raises(
        ConfigurationError, match=r"^hidden: a grid needs listed values, got 'int\(interval\(1,1000\)\)'"
    ):
        sampler("grid", space(*SEARCH))


@pytest.mark.parametrize("searched", [["lr=interval(0,1)", "loss=mse,mae"], ["loss=mse,mae"]])
def test_cmaes_has_two_intervals_at_least(searched):
    with pytest.raises(ConfigurationError, match=r"hydra\.sweeper\.sampler: cmaes needs two intervals"):
        sampler("cmaes", space(*searched))
