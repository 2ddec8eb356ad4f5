from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.data.source import Source
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.data.splits import Fold
from remanence.foundation.terminal import console
from remanence.studies.spectra import report
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.report import print_report
from remanence.studies.spectra.scores import (
    by_channel,
    comparison_table,
    known_factors,
    latent_table,
    mse,
    score,
    stage_table,
    yardstick,
)
from remanence.studies.spectra.staging import Stage

STEPS, COLOURS, PICTURE = 10, 60, (3, 4)
PIXELS = COLOURS + 12


class Known(Spectra):
    """Sixty spectra in three parts and a picture of 3 × 4; two channels of which the second is in kHz; one is dead."""

    def __init__(self, *, factors=True, picture=True):
        super().__init__()
        self.factors, self.picture = factors, picture

    def read(self):
        generator = np.random.default_rng(0)
        causes = generator.uniform(size=(PIXELS, 2))
        steps = np.linspace(0, 1, STEPS)
        response = causes[:, :1] * np.sin(6 * steps) + causes[:, 1:] * steps
        values = np.stack([1e-5 * response, 1320 + 3 * response**2], axis=2)
        values[5] = np.nan
        return Measurement(
            values=values,
            axis=steps,
            axis_label="DC bias (V)",
            channels=("piezoresponse (arb. units)", "resonance frequency (kHz)"),
            sources=(Source("known", "here", "0", "simulated"),),
            scene=Scene("painting" if self.picture else "map", self.scene_rows(), PICTURE),
            factors=Factors(("a", "b"), causes) if self.factors else None,
        )

    def scene_rows(self):
        return np.arange(COLOURS, PIXELS) if self.picture else np.arange(40, 52)

    def make_fold(self, measured, valid):
        rows = np.delete(np.arange(COLOURS), 5)
        return Fold(train=rows[:29], validation=rows[29:39], test=rows[39:])


class Shifted:
    """Decodes two latents to the spectra of some data, shifted by the first one."""

    def __init__(self, data):
        self.data, self.hparams = data, {}

    def decode(self, z):
        assert z.dtype == np.float32
        return self.data.x[self.data.fold.test] + z[:, :1, None]


@pytest.fixture(scope="module")
def data():
    return Known().open()


def unmix(data, *, off=0.1, log_variance=None, kl=(1.0, 0.01), **arguments):
    """Return a result that is off by as much at every step; its first latent is the first cause."""
    values = np.zeros((PIXELS, 2))
    values[:, 0] = data.measured.factors.values[:, 0] if data.measured.factors else 0.0
    shown = np.full((PIXELS, 2), log_variance) if log_variance is not None else None
    return Unmixed(Shifted(data), values, data.x + np.float32(off), shown, np.array(kl), 2.0, 0.5, values, **arguments)


def test_errors_are_squared_z_scores_of_each_part(data):
    unmixed = unmix(data)
    unmixed.reconstruction[data.fold.test] += 0.2
    unmixed.reconstruction[data.fold.validation] += 0.1

    metrics = score(unmixed, data)

    assert metrics["train/mse"] == pytest.approx(0.01, rel=1e-4)
    assert metrics["val/mse"] == pytest.approx(0.04, rel=1e-4)
    assert metrics["test/mse"] == pytest.approx(0.09, rel=1e-4)
    assert metrics["test/mse_painting"] == pytest.approx(0.01, rel=1e-4)
    assert mse(unmixed, data, data.fold.test) == metrics["test/mse"]
    assert (metrics["fit_seconds"], metrics["inference_seconds"]) == (2.0, 0.5)


def test_errors_of_channels_are_in_their_own_units(data):
    metrics = score(unmix(data), data)

    piezoresponse, frequency = (0.1 * sd for sd in data.scaling.sd[0])
    assert metrics["test/piezoresponse/rmse"] == pytest.approx(piezoresponse, rel=1e-4)
    assert metrics["test/resonance_frequency/rmse"] == pytest.approx(frequency, rel=1e-4)


def test_r2_compares_with_the_mean_spectrum_of_the_test(data):
    unmixed = unmix(data)
    unmixed.reconstruction[data.fold.test] = data.x[data.fold.test].mean(axis=0)

    assert score(unmixed, data)["test/r2"] == pytest.approx(0, abs=1e-6)
    assert score(unmix(data, off=0.0), data)["test/r2"] == 1


def test_a_map_that_is_divided_among_the_parts_has_no_error_of_its_own():
    divided = Known(picture=False).open()

    assert "test/mse_map" not in score(unmix(divided), divided)


def test_a_sample_of_the_posterior_errs_by_its_spread(data):
    unmixed = unmix(data, log_variance=np.log(0.04))
    unmixed.embedding[:] = 0.0
    noise = np.random.default_rng(0).standard_normal((len(data.fold.test), 2))[:, 0]

    metrics = score(unmixed, data)

    assert metrics["test/mse_sampled"] == pytest.approx(0.04 * np.mean(noise**2), rel=1e-4)
    assert score(unmixed, data) == metrics  # the same sample every time
    assert metrics["test/active_units"] == 1
    assert "test/natural_active_units" not in metrics  # no schedule, no stages
    assert metrics["test/kl"] == pytest.approx(1.01)


def test_every_model_has_an_error_as_it_encodes_itself(data):
    unmixed = unmix(data, kl=(np.inf, np.inf))
    unmixed.guess = np.full((PIXELS, 2), 0.3)  # the model decodes test spectra that are off by the first latent

    assert score(unmixed, data)["test/mse_amortised"] == pytest.approx(0.09, rel=1e-4)


def test_a_linear_method_has_neither_samples_nor_active_units(data):
    metrics = score(unmix(data, kl=(np.inf, np.inf)), data)

    assert not {"test/mse_sampled", "test/active_units", "test/kl"} & set(metrics)
    assert all(np.isfinite(value) for value in metrics.values())


def test_what_beta_left_what_was_kept_and_what_is_active_are_told_apart(data):
    unmixed = unmix(data, natural=4, log_variance=0.0, before_masking=unmix(data))
    unmixed.model.mask = np.array([1.0, 1.0, 0.0])

    metrics = score(unmixed, data)

    numbers = {"natural_active_units": 4, "kept_latents": 2, "active_units": 1}
    assert {key: metrics[f"test/{key}"] for key in numbers} == numbers


def test_factors_are_compared_with_the_active_latents_only(data):
    agreed = known_factors(unmix(data), data)

    assert agreed.correlation.shape == (1, 2)
    assert agreed.scores["knn_r2/a"] > 0.9
    assert agreed.scores["knn_r2/b"] < 0.5


def test_known_factors_give_what_disentanglement_is_to_be_compared_with(data):
    found = yardstick(data)

    assert set(found) == {"test/yardstick/disentanglement", "test/yardstick/mig", "test/factor_rows"}
    assert found["test/factor_rows"] == len(data.fold.test)
    assert yardstick(Known(factors=False).open()) == {}


def test_without_known_factors_or_active_latents_there_is_nothing_to_compare(data):
    assert known_factors(unmix(data, kl=(0.0, 0.0)), data) is None
    unknown = Known(factors=False).open()
    assert known_factors(unmix(unknown), unknown) is None


def test_the_table_of_latents_has_a_row_for_every_pixel_and_its_place(data):
    table = latent_table(unmix(data), data)

    assert list(table.columns) == ["part", "mse", "row", "column", "latent_1", "latent_2"]
    assert table["part"].value_counts().to_dict() == {"train": 29, "validation": 10, "test": 20, "": 12, "masked": 1}
    assert table["part"][5] == "masked"
    assert np.isnan(table["mse"][5])
    np.testing.assert_allclose(table["mse"].drop(5), 0.01, rtol=1e-4)
    assert (table[["row", "column"]][:COLOURS] == -1).all(axis=None)
    assert table[["row", "column"]][COLOURS:].to_numpy().tolist() == [[i, j] for i in range(3) for j in range(4)]
    np.testing.assert_array_equal(table["latent_1"], data.measured.factors.values[:, 0])


def test_the_table_of_stages_marks_the_chosen_one(data):
    stages = [Stage(0, 9, 0.0, 0.01, 16), Stage(1, 14, 0.1, 0.02, 5), Stage(2, 19, 0.2, 0.03, 3)]

    table = stage_table(unmix(data, stages=stages, chosen=stages[1]))

    assert table["chosen"].tolist() == [False, True, False]
    assert table["active_units"].tolist() == [16, 5, 3]
    assert {"number", "epoch", "beta", "mse"} <= set(table.columns)
    assert stage_table(unmix(data)).empty


def test_the_comparison_has_a_column_for_every_model():
    table = comparison_table(
        {"BetaVAE": {"test/mse": 0.01, "test/active_units": 3.0, "fit_seconds": 60.0}, "pca": {"test/mse": 0.1}}
    )

    assert list(table.columns) == ["", "BetaVAE", "pca"]
    rows = table.set_index("")
    assert rows.loc["reconstruction"].tolist() == [0.01, 0.1]
    assert rows.loc["active units", "BetaVAE"] == 3
    assert pd.isna(rows.loc["active units", "pca"])
    assert rows.loc["training time (s)", "BetaVAE"] == 60


@pytest.fixture
def printed(data, tmp_path, monkeypatch):
    """Return what is printed of a run with these metrics."""
    tracked = SimpleNamespace(name="toy-1", id="abc123", folder=tmp_path)

    def show(metrics, *baselines, brief=False):
        monkeypatch.setattr(console, "width", 200)
        with report.console.capture() as captured:
            print_report(tracked, metrics, baselines, data, brief=brief)
        return captured.get()

    return show


def test_the_report_sets_the_network_beside_its_baselines(printed):
    text = printed(
        {"test/mse": 0.0123, "test/active_units": 3.0, "baseline/pca/test/mse": 0.113, "test/knn_r2/R": 0.987}, "pca"
    )

    assert "20 test spectra of known" in text
    assert "this run" in text
    assert "0.0123" in text
    assert "0.113" in text
    assert "–" in text  # a linear method has no active units
    assert "painting" not in text  # nobody measured it
    assert "reconstructs these spectra better" not in text
    assert "R explained by the active latents: kNN R² 0.987" in text
    assert "abc123" in text


def test_the_report_says_when_fewer_latents_are_active_than_were_kept(printed):
    metrics = {"test/mse": 0.01, "test/active_units": 4.0, "test/kept_latents": 5.0}

    assert "5 latents were kept, but only 4 of them are active" in printed(metrics)
    assert "were kept" not in printed(metrics | {"test/active_units": 5.0})
    assert "toy-1: test MSE 0.01000, 4 active units of 5 kept  abc123" in printed(metrics, brief=True)


def test_the_report_sets_the_dimension_of_the_spectra_beside_what_beta_left(printed):
    metrics = {"test/mse": 0.01, "data/intrinsic_dimension": 5.14, "test/natural_active_units": 4.0}

    assert "the spectra have 5.1 dimensions (two nearest of a hundred); β alone left 4 latents active" in printed(
        metrics
    )
    assert "dimensions" not in printed({"test/mse": 0.01, "data/intrinsic_dimension": 5.14})  # nothing was left by β


def test_the_report_says_what_disentanglement_is_to_be_compared_with(printed):
    yardstick = {"test/yardstick/disentanglement": 0.404, "test/yardstick/mig": 0.131, "test/factor_rows": 1000.0}

    text = printed({"test/mse": 0.01, "test/additivity": 0.934, **yardstick})

    assert "DCI and MIG to compare with: 0.40 and 0.13, those of the true factors turned at random, over 1000" in text
    assert "additivity of the decoder: 0.93" in text


def test_the_report_says_when_a_baseline_is_better(printed):
    text = printed({"test/mse": 0.2, "baseline/pca/test/mse": 0.113, "baseline/nmf/test/mse": 0.15}, "pca", "nmf")

    assert "pca reconstructs these spectra better than the model of this run." in text


def test_a_job_of_a_sweep_prints_one_line(printed):
    assert printed({"test/mse": 0.0123, "test/active_units": 3.0}, brief=True).splitlines() == [
        "toy-1: test MSE 0.01230, 3 active units  abc123"
    ]
    assert printed({"test/mse": 0.0123}, brief=True).splitlines() == ["toy-1: test MSE 0.01230  abc123"]


def test_channels_that_differ_in_their_unit_only_have_a_metric_each():
    assert by_channel(np.array([1.0, 2.0]), ["piezoresponse (pm)", "resonance (kHz)"]) == {
        "test/piezoresponse/rmse": 1.0,
        "test/resonance/rmse": 2.0,
    }
    assert by_channel(np.array([1.0, 2.0, 3.0]), ["ε (a)", "ε (b)", "ε (b)"]) == {
        "test/ε_a/rmse": 1.0,
        "test/ε_b/rmse": 2.0,
        "test/ε_b_2/rmse": 3.0,
    }
