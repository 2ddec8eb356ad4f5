"""What a run of a chain leaves."""

import hashlib

import numpy as np
import pandas as pd
import pytest

ERRORS = {"mae", "mse", "rmse", "r2", "relative_error"}


def test_every_scale_has_its_metrics_in_every_part(own_run):
    metrics = own_run.run.data.metrics

    assert own_run.run.info.status == "FINISHED"
    for scale in ("ions", "mix"):
        for part in ("train", "val", "test"):
            assert {f"{part}/{scale}/{error}" for error in ERRORS} <= metrics.keys()
        assert 0 <= metrics[f"test/{scale}/coverage"] <= 1
    for target in ("energy", "density"):
        assert {f"test/mix/{target}/{error}" for error in ERRORS} <= metrics.keys()


def test_the_coarsest_scale_has_the_names_of_a_run_on_one_table(own_run):
    metrics = own_run.run.data.metrics

    for error in ERRORS:
        assert metrics[f"test/{error}"] == metrics[f"test/mix/{error}"] != metrics[f"test/ions/{error}"]
    assert metrics["val/mse"] == metrics["val/mix/mse"]


def test_baselines_are_measured_on_every_scale_and_a_single_autoencoder_above_the_finest(own_run):
    metrics = own_run.run.data.metrics

    for scale in ("ions", "mix"):
        for name in ("linear", "random_forest"):
            assert metrics[f"baseline/{name}/test/{scale}/mae"] > 0
    assert metrics["baseline/linear/test/mae"] == metrics["baseline/linear/test/mix/mae"]
    assert metrics["baseline/single_autoencoder/test/mix/mae"] > 0
    assert not [key for key in metrics if key.startswith("baseline/single_autoencoder") and "ions" in key]


def test_a_scale_with_a_gaussian_process_is_also_measured_without(own_run):
    metrics = own_run.run.data.metrics

    for target in ("energy", "density"):
        assert 0 <= metrics[f"mix/process_share/{target}"] <= 1
    assert metrics["test/mix/network/mae"] > metrics["test/mix/mae"]  # four epochs are few, the energy is smooth
    assert "test/ions/network/mae" not in metrics


def test_metrics_are_those_of_the_tables(own_run):
    metrics, errors = own_run.run.data.metrics, own_run.table("fold_errors")

    assert set(errors.columns) == {"scale", "target", "model", "fold", "mae", "tested", "fitted", "rows"}
    assert set(errors["model"]) == {"chain", "chain, networks alone", "linear", "random_forest", "single_autoencoder"}
    for scale, target in (("ions", "gap"), ("mix", "energy"), ("mix", "density")):
        held_out = own_run.table(f"test_predictions_{scale}")
        difference = (held_out[f"{target}_predicted"] - held_out[target]).abs()
        own = errors[(errors["scale"] == scale) & (errors["target"] == target) & (errors["model"] == "chain")]
        assert sorted(held_out["row"]) == list(range(len(held_out)))
        assert len(own) == 2
        assert own["mae"].mean() == pytest.approx(difference.mean(), rel=1e-9)  # folds of the same size
        key = f"test/{scale}/{target}/mae" if scale == "mix" else f"test/{scale}/mae"
        assert metrics[key] == pytest.approx(difference.mean(), rel=1e-9)


def test_latents_of_every_scale_are_saved_beside_their_rows(own_run):
    for scale, width, rows in (("ions", 3, 48), ("mix", 2, 40)):
        latents = pd.read_parquet(own_run.folder / "tables" / f"latents_{scale}.parquet")
        names = [f"z{number}" for number in range(width)]
        assert set(names) <= set(latents.columns)
        assert f"z{width}" not in latents
        assert len(latents) == rows
        assert np.isfinite(latents[names]).all(axis=None)
        assert latents[names].std().min() > 0


def test_every_file_is_a_dataset_of_the_run(own_run):
    datasets = {entry.dataset.name: entry.dataset for entry in own_run.run.inputs.dataset_inputs}

    assert datasets.keys() == {"gaps.csv", "mixes.csv"}
    for name, dataset in datasets.items():
        digest = hashlib.sha256((own_run.outputs / name).read_bytes()).hexdigest()
        assert digest.startswith(dataset.digest)
        assert digest in dataset.source
    assert len(own_run.run.outputs.model_outputs) == 1


def test_both_scales_leave_curves_checkpoints_and_figures(own_run):
    metrics = own_run.run.data.metrics

    for scale in ("ions", "mix"):
        for part in ("train", "val"):
            history = own_run.client.get_metric_history(own_run.run_id, f"{part}/{scale}/loss")
            assert sorted(point.step for point in history) == [0, 1, 2, 3]
        assert (own_run.folder / "checkpoints" / f"{scale}.ckpt").is_file()
    assert "val/loss" not in metrics
    figures = {path.stem for path in (own_run.folder / "figures").iterdir()}
    of_each = ("latent_map", "correlations", "traversal", "sensitivity", "loss_curves")
    assert figures >= {f"{kind}_{scale}" for kind in of_each for scale in ("ions", "mix")}
    assert figures >= {"chain", "explained", "parity_ions_gap", "fold_errors_mix_density", "shapley_latents_mix"}
    assert not figures & {"shapley_latents_ions", "measured_gap"}


def test_what_a_property_rests_on_is_a_share_of_one(own_run):
    shares = own_run.table("explained")

    assert shares["group"].tolist() == ["latents of ions", "own inputs", "unexplained"]
    assert set(shares["property"]) == {"energy"}
    assert shares["share"].sum() == pytest.approx(1, abs=1e-6)


def test_parameters_tell_the_scales(own_run):
    parameters = own_run.run.data.params

    assert parameters["model.scales.ions.latent_dim"] == "3"
    assert parameters["model.scales.mix.heads.phase.kind"] == "classification"
    assert own_run.run.data.tags["remanence.model"] == "NestedAE"
