import time
from dataclasses import replace

import numpy as np
import pytest

from remanence.data.source import Source
from remanence.data.spectra.beps import BEPS
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.models.dictionary_learning import DictionaryLearning
from remanence.models.pca import PCA
from remanence.science.band_excitation.switching import switching_loops, triangular_bias
from remanence.studies.spectra.fit import Unmixed, fit_spectra
from remanence.studies.spectra.physics import physics, why_no_loops

ROWS, COLUMNS = 16, 20
PIXELS = ROWS * COLUMNS
VOLTAGE = triangular_bias(64)
SPLIT = {"kind": "random", "test": 0.25, "validation": 0.1, "block": 4, "seed": 0}


class Domains(Spectra):
    """Square loops on the left, two-step loops on the right, with coercive biases of every size; pixel 3 is dead."""

    def __init__(self, *, noise=0.0, clean=False, factors=False, scene=True, channels=None, **spectra):
        super().__init__(split=SPLIT, **spectra)
        self.noise, self.clean, self.factors, self.has_scene = noise, clean, factors, scene
        self.channels = channels or ("piezoresponse (arb. units)", "resonance frequency (kHz)")

    def read(self):
        generator = np.random.default_rng(0)
        two_step = np.repeat(np.arange(COLUMNS)[None] >= COLUMNS // 2, ROWS, axis=0).ravel()
        coercive_bias = generator.uniform(6.5, 9.5, PIXELS)
        columns = (1e-4, 0, 0.9 * two_step, 0, coercive_bias, 0, 1325)
        loops = switching_loops(np.stack(np.broadcast_arrays(*columns), axis=1), VOLTAGE)
        clean = np.stack([loops.piezoresponse, loops.resonance_frequency], axis=-1)
        values = clean + self.noise * clean.std(axis=(0, 1)) * generator.normal(size=clean.shape)
        values[3] = np.nan
        return Measurement(
            values=values,
            axis=VOLTAGE,
            axis_label="DC bias (V)",
            channels=self.channels,
            sources=(Source("domains", "here", "0", "simulated"),),
            scene=Scene("map", np.arange(PIXELS), (ROWS, COLUMNS)) if self.has_scene else None,
            factors=Factors(("coercive_bias",), coercive_bias[:, None]) if self.factors else None,
            clean=clean if self.clean else None,
        )


@pytest.fixture(scope="module")
def domains():
    return Domains().open()


def unmix(data, n_components=2, kind=PCA):
    return fit_spectra(kind(**data.shape, n_components=n_components), data)


def metrics(unmixed, data):
    return physics(unmixed, data)[0]


def test_a_perfect_reconstruction_keeps_every_loop_as_it_is(domains):
    found, table = physics(replace(unmix(domains), reconstruction=domains.x.copy()), domains)

    for name in ("concavity", "softening", "hardening"):
        assert [found[f"loops/{name}_{score}"] for score in ("kept", "slope", "correlation")] == pytest.approx([1] * 3)
    assert found["loops/concavity_recall"] == 1
    assert 0.2 < found["loops/concavity_share"] < 0.5  # the second step of the widest loops is beyond the bias
    zero = ("loops/concavity_false", "loops/positive_coercive_bias_rmse", "steps/bias", "steps/skew")
    assert [found[name] for name in zero] == [0] * 4
    assert (table[["bias", "bias_physical", "skew"]] == 0).all(axis=None)


def test_the_mean_of_two_kinds_of_loops_keeps_no_difference_between_them(domains):
    mean = np.broadcast_to(domains.x[domains.fold.train].mean(axis=0), domains.x.shape)

    found = metrics(replace(unmix(domains), reconstruction=mean), domains)

    assert found["loops/concavity_recall"] == found["loops/concavity_false"]
    assert abs(found["loops/hardening_slope"]) < 1e-9
    assert found["loops/positive_coercive_bias_rmse"] > 0.5


def test_too_few_components_lose_what_more_of_them_keep(domains):
    poor, rich = (metrics(unmix(domains, number), domains) for number in (1, 12))

    assert rich["loops/concavity_recall"] > 0.99
    assert rich["loops/concavity_correlation"] > 0.99 > poor["loops/concavity_correlation"]
    assert rich["loops/positive_coercive_bias_rmse"] < 0.1 < poor["loops/positive_coercive_bias_rmse"]


def test_the_coercive_bias_is_in_volts(domains):
    shifted = domains.physical(domains.x)
    shifted[:, 33:] = shifted[:, 32:-1].copy()  # the rising branch, by one step of 1 V

    found = metrics(replace(unmix(domains), reconstruction=domains.scaling.scale(shifted)), domains)

    assert found["loops/positive_coercive_bias_rmse"] == pytest.approx(1, abs=0.1)
    assert found["loops/negative_coercive_bias_rmse"] == pytest.approx(0, abs=1e-3)


def test_bias_and_skew_stand_at_their_step_in_scaled_and_physical_units(domains):
    wrong, test = domains.x.copy(), domains.fold.test
    wrong[:, 5, 1] -= 0.2
    wrong[test[0], 7, 0] += 3

    found, table = physics(replace(unmix(domains), reconstruction=wrong), domains)

    assert list(table.columns) == ["step", "DC bias (V)", "channel", "bias", "bias_physical", "skew"]
    assert len(table) == 64 * 2
    row = table.set_index(["step", "channel"]).loc[(5, "resonance frequency (kHz)")]
    assert row["DC bias (V)"] == VOLTAGE[5]
    assert row.bias == pytest.approx(-0.2, abs=1e-6)
    assert row.bias_physical == pytest.approx(-0.2 * domains.scaling.sd[0, 1], rel=1e-5)
    assert table[(table.step == 7)]["skew"].iloc[0] > 3
    assert found["steps/largest_bias"] == pytest.approx(0.2, abs=1e-6)
    assert found["steps/positive_skew"] == pytest.approx(1 / 128)
    only_bias = 0.04 + (3 / len(test)) ** 2
    assert found["steps/bias_of_mse"] == pytest.approx(only_bias / (0.04 + 9 / len(test)), rel=1e-4)


def test_an_error_that_follows_the_domains_is_told_from_noise(domains):
    size = np.where(np.arange(PIXELS) % COLUMNS >= COLUMNS // 2, 3.0, 1.0)[:, None, None]
    noise, unmixed = np.random.default_rng(1).normal(0, 0.1, domains.x.shape), unmix(domains)

    even, along = (metrics(replace(unmixed, reconstruction=domains.x + by * noise), domains) for by in (1, size))

    assert along["error/structure_r2"] > 0.8 > 0.05 > even["error/structure_r2"]
    assert along["error/morans_i"] > 0.8 > 0.2 > even["error/morans_i"]


def test_known_factors_are_the_structure():
    data = Domains(factors=True).open()
    coercive_bias = data.measured.factors.values[:, 0]
    error = np.exp(coercive_bias - 8)[:, None, None] * np.ones_like(data.x)

    found = metrics(replace(unmix(data), reconstruction=data.x + error), data)

    assert found["error/structure_r2"] > 0.9  # spectra around a pixel do not tell its coercive bias, factors do
    assert found["error/morans_i"] < 0.2


def test_spectra_far_from_the_data_are_far_by_the_right_amount(domains):
    class Shifted:
        def decode(self, z):
            return np.broadcast_to(domains.x[0] + 10, (len(z), *domains.x.shape[1:]))

    nearest = np.sqrt(((domains.x[0] + 10 - domains.x[domains.valid]) ** 2).mean(axis=(1, 2)).min())

    found = metrics(replace(unmix(domains), model=Shifted()), domains)

    for kind in ("neighbour", "single"):
        assert found[f"generated/{kind}/distance"] == pytest.approx(nearest, rel=1e-6)
        assert found[f"generated/{kind}/spacings_p95"] == pytest.approx(nearest / found["generated/spacing"])
        assert found[f"generated/{kind}/hardening_range"] == 0


def test_a_decoder_that_knows_the_loops_generates_their_concavities(domains):
    two_step = 1.0 * (np.arange(PIXELS) % COLUMNS >= COLUMNS // 2)

    class Physical:
        def decode(self, z):
            columns = (1e-4, 0, 0.9 * z[:, 0], 0, 8, 0, 1325)
            loops = switching_loops(np.stack(np.broadcast_arrays(*columns), axis=1), VOLTAGE)
            return domains.scaling.scale(np.stack([loops.piezoresponse, loops.resonance_frequency], axis=-1))

    one = Unmixed(Physical(), two_step[:, None], domains.x, None, np.array([np.inf]), 0.0, 0.0, two_step[:, None])
    found = metrics(one, domains)

    assert found["generated/single/concave"] > 0.2
    assert found["generated/single/concavity_range"] == pytest.approx(1, abs=0.2)
    assert found["generated/single/hardening_range"] == pytest.approx(1, abs=0.2)


def test_noise_free_spectra_are_the_truth_where_they_are_known():
    data = Domains(noise=0.3, clean=True).open()
    denoised = data.scaling.scale(data.measured.clean)

    knows, noisy = (metrics(replace(unmix(data), reconstruction=x), data) for x in (denoised, data.x))

    assert knows["loops/concavity_recall"] == 1 > noisy["loops/concavity_correlation"]
    assert knows["steps/bias"] == 0 < noisy["steps/bias"]


def test_an_inactive_latent_is_noise_with_the_posterior_of_the_prior():
    data, generator = Domains().open(), np.random.default_rng(2)
    used = unmix(data, 1)
    embedding = np.hstack([used.embedding, generator.normal(0, 0.05, (PIXELS, 1))])
    log_variance = np.broadcast_to([-4.0, 0.0], (PIXELS, 2))

    class First:
        def decode(self, z):
            return used.model.decode(z[:, :1])

    half = replace(used, model=First(), embedding=embedding, log_variance=log_variance, kl=np.array([2.0, 0.001]))
    found = metrics(half, data)
    all_used = metrics(replace(half, kl=np.array([2.0, 1.0])), data)
    none_used = metrics(replace(half, kl=np.zeros(2)), data)

    assert found["inactive/channels"] == 1
    assert abs(found["inactive/morans_i"]) < 0.15
    assert found["inactive/shape_distance"] < 0.15
    assert found["inactive/sample_distance"] < 0.02
    assert [name for name in all_used if name.startswith("inactive")] == ["inactive/channels"]
    assert not any(name.startswith("generated") for name in none_used)


@pytest.mark.parametrize("layout", ["stacked", "interleaved"])
def test_the_layout_of_a_model_changes_nothing(domains, layout):
    data = Domains(layout=layout).open()

    here, there = metrics(unmix(domains), domains), metrics(unmix(data), data)

    assert there == pytest.approx(here, abs=1e-3)


def test_dictionary_learning_answers_in_the_same_words(domains):
    pca, dictionary = (metrics(unmix(domains, kind=kind), domains) for kind in (PCA, DictionaryLearning))

    assert pca.keys() == dictionary.keys()
    assert all(np.isfinite(list(dictionary.values())))


def test_spectra_that_are_no_loops_have_no_loops():
    data = Domains(channels=("current (nA)", "height (nm)"), scene=False).open()

    found = metrics(unmix(data), data)

    assert {name.partition("/")[0] for name in found} == {"steps", "generated"}
    assert not any(name.endswith(("concave", "range")) for name in found)


def test_what_has_no_loop_says_why(domains):
    assert why_no_loops(domains) is None
    real = Domains(channels=("real part (V)", "imaginary part (V)")).open()
    assert why_no_loops(real) == "no channel is a piezoresponse (they are real part (V), imaginary part (V))"
    sweep = replace(domains, measured=replace(domains.measured, axis=np.arange(64.0), axis_label="AC amplitude (V)"))
    assert why_no_loops(sweep) == "the axis, AC amplitude (V), is not one closed cycle of a bias of both signs"


def test_principal_components_of_the_published_loops_keep_a_third_of_the_concavities(shared_data):
    data = BEPS(dir=str(shared_data / "beps"), split=SPLIT | {"test": 0.2, "validation": 0.05}).open()
    unmixed = unmix(data, 5)

    start = time.process_time()
    found = metrics(unmixed, data)

    assert time.process_time() - start < 6
    assert 0.1 < found["loops/concavity_share"] < 0.2
    assert 0.2 < found["loops/concavity_recall"] < 0.4
    assert found["loops/concavity_false"] < 0.05
    assert found["loops/positive_coercive_bias_rmse"] == pytest.approx(0.85, abs=0.1)
    assert 0.4 < found["loops/hardening_slope"] < 0.6
    assert found["generated/spacing"] == pytest.approx(0.0913, abs=0.001)
    assert 1 < found["generated/neighbour/spacings"] < found["generated/single/spacings_p95"] < 2
    assert min(found["error/structure_r2"], found["error/morans_i"] - 0.3) > 0.1


class Cycles(Domains):
    """The piezoresponse of two cycles, each a channel, without resonances."""

    def read(self):
        one = super().read()
        names = tuple(f"piezoresponse (arb. units), cycle {number}" for number in range(2))
        return replace(one, values=np.stack([one.values[..., 0], -2 * one.values[..., 0]], axis=-1), channels=names)


def test_loops_without_a_resonance_have_the_physics_of_the_piezoresponse_each_cycle_counting():
    both, one = Cycles().open(), Domains().open()
    found = metrics(replace(unmix(both), reconstruction=both.x.copy()), both)
    alone = metrics(replace(unmix(one), reconstruction=one.x.copy()), one)

    assert found["loops/concavity_share"] == pytest.approx(alone["loops/concavity_share"])
    assert found["loops/positive_coercive_bias_rmse"] == pytest.approx(0, abs=1e-4)
    assert found["generated/single/concavity_range"] > 0
    assert not [name for name in found if "softening" in name or "hardening" in name]


def test_what_is_no_piezoresponse_has_no_loop_physics():
    data = Domains(channels=("current (A)", "conductance (S)")).open()

    assert not [name for name in metrics(unmix(data), data) if "loops/" in name or "concav" in name]
