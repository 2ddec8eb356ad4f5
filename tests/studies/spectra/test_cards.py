from dataclasses import replace

import numpy as np
import pytest
from small_unmixing import configuration, open_toy

from remanence.models.pca import PCA
from remanence.studies.spectra.cards import spectra_cards
from remanence.studies.spectra.fit import fit_spectra
from remanence.studies.spectra.scores import score_spectra
from remanence.training.options import NoSchedule


@pytest.fixture(scope="module")
def toy():
    return open_toy()


@pytest.fixture(scope="module")
def unmixed(toy):
    return fit_spectra(PCA(steps=25, channels=1, n_components=2), toy)


def texts(unmixed, toy, *, references=(), cfg=None):
    """Return the lines below each heading of the model card."""
    metrics = score_spectra(unmixed, dict(references), toy).metrics
    cards = spectra_cards(unmixed, dict(references), metrics, toy, cfg or plain())
    return {section.heading: section.lines for section in cards.model}, metrics


def plain():
    return configuration(beta_schedule=NoSchedule(kind="none", cosine=False))


def test_a_model_says_what_it_is_how_well_it_reconstructs_and_whom_it_serves(unmixed, toy):
    lines, metrics = texts(unmixed, toy)

    assert "25 steps, to 2 numbers and back" in lines["What it is"][0]
    assert f"| **this run** | {metrics['test/mse']:.4g} |" in lines["How well it reconstructs"][1]
    assert any("no baseline" in line.lower() for line in lines["How well it reconstructs"])
    assert any(f"DCI is {metrics['test/disentanglement']:.4g}" in line for line in lines["How far to trust it"])


def test_a_better_baseline_is_named(unmixed, toy):
    better = fit_spectra(PCA(steps=25, channels=1, n_components=6), toy)
    lines, _ = texts(unmixed, toy, references={"pca": better}.items())

    said = lines["How well it reconstructs"]
    assert "**pca reconstructs these spectra better than this model.**" in said
    assert said[1].index("pca") < said[1].index("this run")


def test_a_number_of_latents_that_was_asked_for_is_said_to_be(unmixed, toy):
    cfg = configuration()
    asked = replace(cfg, beta_schedule=replace(cfg.beta_schedule, wanted=3))

    assert any("beta_schedule.wanted=3" in line for line in texts(unmixed, toy, cfg=asked)[0]["What it is"])
    assert not any("wanted" in line for line in texts(unmixed, toy)[0]["What it is"])


def test_a_model_of_which_nothing_was_held_out_is_not_to_be_trusted(unmixed, toy):
    everything = np.sort(np.concatenate([toy.fold.train, toy.fold.validation, toy.fold.test]))
    seen = replace(toy, fold=replace(toy.fold, train=everything, test=everything))

    (said,) = texts(unmixed, seen)[0]["How far to trust it"]
    assert said.startswith("**Nothing was held out**")
