from functools import cache

import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.studies.kinds import checked
from remanence.sweeps.space import Space, as_overrides

SWEEPS = choices(conf_folder() / "sweep")
EXPERIMENT = {"piezo": "piezo/ns_to_qs", "beps": "beps/toy", "nested": "nested/perovskite"}
SEARCHES = ["piezo/bayes", "beps/hyperparameters", "beps/beta", "nested/lr_batch"]


def sweeper(sweep):
    return yaml.safe_load((conf_folder() / f"sweep/{sweep}.yaml").read_text())["hydra"]["sweeper"]


@cache
def space(sweep):
    params = sweeper(sweep)["params"]
    return Space.of(OverridesParser.create().parse_overrides([f"{key}={values}" for key, values in params.items()]))


def composed(sweep, *overrides):
    experiment = EXPERIMENT[sweep.partition("/")[0]]
    return checked(compose([f"experiment={experiment}", f"sweep={sweep}", *overrides]))


@pytest.mark.parametrize("sweep", SWEEPS)
def test_every_choice_and_both_ends_of_every_interval_are_valid(sweep):
    searched = space(sweep)

    for values in searched.corners():
        cfg = composed(sweep, *as_overrides(values))
        for key, value in values.items():
            found = cfg.plain
            for part in key.split("."):
                found = found[part]
            assert found == (yaml.safe_load(value) if isinstance(value, str) else value) or float(value) == found


@pytest.mark.parametrize("sweep", SWEEPS)
def test_nothing_is_searched_that_has_one_value(sweep):
    assert all(not distribution.single() for distribution in space(sweep).distributions.values())


@pytest.mark.parametrize("sweep", SWEEPS)
def test_only_a_search_of_intervals_says_how_many_trials_it_takes(sweep):
    assert ("n_trials" in sweeper(sweep)) == (sweep in SEARCHES) == (not space(sweep).is_finite)


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ("activations", ["tanh", "sigmoid", "relu"]),
        ("losses", ["mse", "smooth_l1"]),
        ("optimizers", ["adam", "sgd", "adagrad", "rmsprop"]),
        ("topology", [f"[{2**n},{2**n}]" for n in range(5, 10)]),
        ("batch_size", ["10", "32", "64", "128", "256", "512"]),
    ],
)
def test_a_sweep_covers_the_range_of_the_paper(sweep, expected):
    ((_, values),) = space(f"piezo/{sweep}").listed.items()

    assert values == expected


def test_the_bayesian_search_is_that_of_the_paper():
    assert space("piezo/bayes").distributions == {
        "data.batch_size": IntDistribution(10, 512),
        "model.lr": FloatDistribution(1e-5, 0.5, log=True),
        "model.hidden": CategoricalDistribution(tuple(f"[{2**n},{2**n}]" for n in range(5, 10))),
        "model.activation": CategoricalDistribution(("tanh", "sigmoid", "relu")),
        "model.loss": CategoricalDistribution(("mse", "smooth_l1")),
    }


def test_the_bayesian_search_is_on_the_augmented_set_and_compares_losses():
    cfg = composed("piezo/bayes")

    assert cfg.augmentation.n_augmented >= 1000
    assert cfg.objective == "val/mse"


def test_trials_on_spectra_end_with_the_same_number_of_latents():
    for name in ("beps/beta", "beps/hyperparameters"):
        schedule = composed(name).beta_schedule
        assert (schedule.wanted, schedule.number) == (None, "dimension")  # of the spectra, whatever β leaves


def test_the_longest_schedule_that_is_searched_leaves_epochs_for_beta_to_rise_in():
    ends = {key: found.high for key, found in space("beps/beta").distributions.items() if hasattr(found, "high")}

    cfg = composed("beps/beta", *as_overrides(ends))

    schedule = cfg.beta_schedule
    assert cfg.trainer.max_epochs - schedule.warmup_epochs - schedule.refine_epochs >= 2
