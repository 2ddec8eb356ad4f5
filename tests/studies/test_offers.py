"""Every name in ``conf`` with every experiment: a configuration that trains, or one line that names the key."""

import re
from functools import cache

import pytest

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.described import describe
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError
from remanence.studies.kinds import KINDS, checked, kind_of, make_study
from remanence.training.ranks import Ranks


def names(group):
    files = sorted((conf_folder() / group).rglob("*.yaml"))
    return [str(path.relative_to(conf_folder() / group).with_suffix("")) for path in files if path.name[0] != "_"]


GROUPS = ("model", "baselines", "ensemble", "augmentation", "blend", "beta_schedule")
OFFERS = [(group, name) for group in GROUPS for name in names(group) if "/" not in name]
SOME = [
    *(("model", name) for name in ("dnn", "linear", "single_autoencoder", "beta_vae", "pca", "nested_ae_multiscale")),
    *(("baselines", name) for name in ("all", "linear_unmixing", "nested")),
    *(("ensemble", "stacked"), ("augmentation", "noise"), ("blend", "baselines"), ("beta_schedule", "cyclical")),
]
"""One of each sort, which are tried with one experiment of each kind whenever tests are run."""
FIRST = ("piezo/single", "beps/toy", "nested/synthetic")
NEEDED = {"piezo/table": ["data.target=d33", "data.features=[x]"]}
"""What an experiment asks for."""
ONE_LINE = re.compile(r"[a-z][\w./-]*(, [a-z][\w./-]*)*: .+")


def refusal(check, *arguments):
    """Return the reason why something is refused, None if it is not; anything else than one line is an error."""
    reason = None
    try:
        check(*arguments)
    except ConfigurationError as error:
        reason = str(error)
    assert reason is None or ONE_LINE.fullmatch(reason), f"{arguments}: {reason}"
    return reason


def choose(experiment, group, name):
    """Check the configuration of an experiment with another choice."""
    checked(compose([f"experiment={experiment}", f"{group}={name}", *NEEDED.get(experiment, [])]))


def make(kind, *overrides):
    """Open the data, build the model, and check all that is checked before a run is tracked."""
    cfg = checked(compose(overrides))
    data = build("data", cfg.data).open()
    make_study(KINDS[kind], data, cfg).make_trainer(build("model", cfg.model, **data.shape), Ranks())


def suits(kind, group, name):
    """Return whether a choice means something to a kind of data."""
    if group in ("ensemble", "augmentation", "blend", "beta_schedule"):
        return group in kind.options or name in ("single", "none")
    fitting = {kind.name} if group == "model" else {kind.name, *kind.beside}
    return kinds_of_models(group, name) <= fitting


@cache
def kinds_of_models(group, name):
    """Return the kinds of data that the models of a choice are for."""
    cfg = compose([f"{group}={name}"])
    nodes = [cfg.model] if group == "model" else cfg.baselines.values()
    return {describe(node._target_).kind for node in nodes}


@pytest.mark.parametrize(
    "experiment", [pytest.param(each, marks=[] if each in FIRST else pytest.mark.slow) for each in names("experiment")]
)
def test_every_choice_suits_an_experiment_or_is_refused_by_name(experiment, request):
    cfg = compose([f"experiment={experiment}", *NEEDED.get(experiment, [])])
    kind = kind_of(cfg.data, ["remanence."])
    # what is for other kinds of data is refused for its kind alone: one of each sort is enough here
    fitting = [] if experiment in FIRST else [offer for offer in OFFERS if suits(kind, *offer)]
    for group, name in dict.fromkeys([*SOME, *fitting]):
        reason = refusal(choose, experiment, group, name)
        if not suits(kind, group, name):
            assert reason is not None, f"{experiment} takes {group}={name}"
            assert reason.startswith(f"{group}"), reason
        elif reason is not None:  # what the experiment or the choice itself leaves open
            assert re.match(rf"({group}|trainer\.max_epochs|data|model)[.:]", reason), reason


@pytest.mark.slow
@pytest.mark.parametrize("experiment", FIRST)
def test_the_first_experiments_with_every_choice(experiment):
    kind = kind_of(compose([f"experiment={experiment}"]).data, ["remanence."])
    for group, name in OFFERS:
        reason = refusal(choose, experiment, group, name)
        assert (reason is not None) >= (not suits(kind, group, name)), f"{experiment} takes {group}={name}"


SMALL = {
    "table": ["experiment=piezo/single", "data.replicates=4"],
    "spectra": ["experiment=beps/toy", "data.colours=60", "data.validation=20", "data.gamut=20", "data.image_size=8"],
    "chain": ["experiment=nested/synthetic", "data.rows=60"],
}


REFUSED = {
    "table": {"single_autoencoder", "single_autoencoder_asinh"},
    "spectra": {"autoencoder", "autoencoder_mlp"},
    "chain": {"nested_ae", "nested_ae_2024", "nested_ae_2025", "nested_ae_perovskite", "nested_ae_solar_cell"},
}
"""What another experiment has the stacked members or the tables for, or what follows no schedule of β."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_model_of_a_kind_is_built_for_its_data_or_refused_by_name(kind):
    models = [name for name in names("model") if "/" not in name and suits(KINDS[kind], "model", name)]

    refused = {name: refusal(make, kind, *SMALL[kind], f"model={name}", "baselines=none") for name in models}

    assert {name for name, reason in refused.items() if reason is not None} == REFUSED[kind]
    assert len(models) > len(REFUSED[kind])


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["experiment=beps/toy", "model=dnn"], "model: DNN is a model for data of kind 'table', and Toy is of kind "),
        (["experiment=beps/toy", "model=linear"], "model: Linear is a model for data of kind 'table', and Toy is of "),
        (["experiment=beps/toy", "baselines=quick"], "baselines.linear: Linear is a model for data of kind 'table', "),
        (["experiment=piezo/single", "model=pca"], "model: PCA is a model for data of kind 'spectra', and NBBT is of "),
        (["experiment=piezo/single", "model=single_autoencoder"], "ensemble: SingleAutoencoder has no training_step, "),
        (
            ["experiment=piezo/single", "baselines=single_autoencoder"],
            "baselines.single_autoencoder: SingleAutoencoder is a network, and stands only beside one with stacked ",
        ),
        (
            ["experiment=piezo/single", "ensemble=stacked", "model=ridge", "baselines=nested"],
            "baselines.single_autoencoder: SingleAutoencoder is a network, and stands only beside one with stacked ",
        ),
        (["experiment=piezo/single", "augmentation=noise"], "augmentation: needs a network with stacked members; "),
        (["experiment=nested/synthetic", "model=single_autoencoder"], "model: SingleAutoencoder is a model for data "),
        (["experiment=nested/synthetic", "model=dnn"], "model: DNN is a model for data of kind 'table', and "),
        (["experiment=nested/synthetic", "data=toy"], "data/split: overridden, but what is chosen for data has none"),
        (["experiment=piezo/single", "data=simulated"], "data: unknown name 'simulated'"),
        (["experiment=piezo/single", "data=_simulated_scan"], "data.kind: remanence.data.spectra.simulated.Simulated"),
        (
            ["experiment=beps/toy", "+baselines.other=${model}", "data.colours=60", "data.validation=20"],
            "baselines.other: BetaVAE needs a schedule of β, which only the run's own model has; take the plain ",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_go_together_is_answered_before_anything_is_tracked(command, all_runs, overrides, said):
    result = command("train", *overrides)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: {said}")
    assert all_runs() == []


def test_a_single_autoencoder_is_trained_on_a_table_as_stacked_members_and_beside_them(finished):
    few = ["trainer.max_epochs=3", "ensemble=stacked", "figures=brief"]

    run = finished(*SMALL["table"], *few, "model=single_autoencoder", "baselines=single_autoencoder")

    assert run.data.metrics["test/mae"] > 0
    assert run.data.metrics["baseline/single_autoencoder/test/mae"] > 0


TRAINED = [
    (kind, name)
    for kind in KINDS
    for name in names("model")
    if "/" not in name and suits(KINDS[kind], "model", name) and not re.match("nested_ae(_2|_p|_s|$)", name)
]
"""Chains of other tables than the synthetic ones have tests of their own."""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), TRAINED)
def test_every_model_trains_on_data_of_its_kind(finished, kind, name):
    schedule = ["beta_schedule=none", "trainer.max_epochs=1"] if kind == "spectra" else ["trainer.max_epochs=1"]
    members = ["ensemble=stacked"] if name.startswith("single_autoencoder") else []

    run = finished(*SMALL[kind], f"model={name}", "baselines=none", "figures=brief", *schedule, *members)

    assert any(key.startswith("test/") for key in run.data.metrics)
