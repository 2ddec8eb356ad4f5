"""Groups of the configuration that mean something to some kinds of data only."""

import pytest

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError
from remanence.studies.kinds import KINDS, amended, checked

EXPERIMENT = {"table": "piezo/single", "spectra": "beps/toy", "chain": "nested/synthetic"}
CHOICES = {
    "ensemble": "ensemble=stacked",
    "augmentation": "augmentation=noise",
    "blend": "blend=baselines",
    "beta_schedule": "beta_schedule=cyclical",
}
NEUTRAL = {"ensemble": "single", "augmentation": "none", "blend": "none", "beta_schedule": "none"}
TYPED = {
    "ensemble": "ensemble.coverage=0.8",
    "augmentation": "augmentation.sigma=0.1",
    "blend": "blend.baselines=[linear]",
    "beta_schedule": "beta_schedule.cosine=true",
}


def of_kind(kind, *overrides):
    return checked(compose([f"experiment={EXPERIMENT[kind]}", *overrides]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("group", CHOICES)
def test_a_kind_takes_its_options_and_refuses_others_by_name(kind, group):
    enough = ["trainer.max_epochs=500"]
    for typed in (CHOICES[group], TYPED[group]):
        if group in KINDS[kind].options:
            assert of_kind(kind, typed, *enough).plain[group]
            continue
        with pytest.raises(ConfigurationError) as refused:
            of_kind(kind, typed, *enough)
        said = str(refused.value)
        assert said.startswith(f"{group}: means nothing to data of kind '{kind}', got {group}.")
        assert said.endswith(f"; add {group}={NEUTRAL[group]}")
        assert "\n" not in said
    of_kind(kind, f"{group}={NEUTRAL[group]}", *enough)  # the advice is taken


def test_an_experiment_of_ones_own_is_refused_as_what_is_typed(command, all_runs, tmp_path):
    path = tmp_path / "conf/experiment/own/noisy.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("# @package _global_\ndefaults:\n  - /experiment/beps/toy\n  - override /augmentation: noise\n")

    result = command("train", f"hydra.searchpath=[file://{tmp_path}/conf]", "experiment=own/noisy")

    assert result.code == 2
    assert result.err.startswith("remanence: error: augmentation: means nothing to data of kind 'spectra'")
    assert all_runs() == []


@pytest.mark.parametrize(
    "searched", [("model=beta_vae,pca", "augmentation=noise"), ("model=pca", "augmentation=none,noise")], ids=str
)
def test_a_sweep_is_refused_before_its_first_trial(command, all_runs, searched):
    result = command("train", "-m", "experiment=beps/toy", *searched)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: augmentation: means nothing to data of kind 'spectra'")
    assert all_runs() == []


@pytest.mark.parametrize("model", ["beta_vae", "pca"])
def test_a_schedule_stays_with_every_model_of_its_kind(model):
    assert of_kind("spectra", f"model={model}").beta_schedule.kind == "linear"


def test_a_stored_run_may_keep_an_option_that_meant_nothing_to_it():
    noise = dict(compose(["augmentation=noise"]).augmentation)
    stored = {**of_kind("spectra").plain, "augmentation": noise}

    assert amended(stored, ["trainer.max_epochs=200"]).plain["augmentation"] == noise
    assert amended(stored, ["augmentation=none"]).augmentation.kind == "none"
    with pytest.raises(ConfigurationError, match="augmentation: means nothing to data of kind 'spectra'"):
        amended(stored, ["augmentation.sigma=0.2"])
    with pytest.raises(ConfigurationError, match="ensemble: means nothing to data of kind 'spectra'"):
        amended(stored, ["ensemble=stacked"])


@pytest.mark.parametrize("experiment", ["nested/perovskite_2025", "nested/solar_cell_2024"])
def test_a_chain_of_single_networks_keeps_what_stacked_members_bring_along(experiment):
    """``ensemble.per_target`` is of tables only, but a choice of the group brings it, so it cannot be refused."""
    assert checked(compose([f"experiment={experiment}"])).ensemble.per_target
