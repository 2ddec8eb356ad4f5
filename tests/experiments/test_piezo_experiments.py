"""Every experiment of the piezo study from the command line to the logged model, in a few seconds each."""

import mlflow
import numpy as np
import pandas as pd
import pytest

TINY = (
    "trainer.max_epochs=3",
    "ensemble.folds=2",
    "ensemble.repeats=1",
    "baselines=quick",
    "baselines.random_forest.n_estimators=5",
)
REPLICATED = ("data.replicates=3",)
EXPERIMENTS = {
    "ns": REPLICATED,
    "ns_to_qs": REPLICATED,
    "sr_to_bi": REPLICATED,
    "ns_to_all": REPLICATED,
    "global": (),
    "augmentation": (*REPLICATED, "augmentation.n_augmented=20"),
}
TESTED = {"ns_to_qs": {"QS"}, "sr_to_bi": {"Bi"}, "ns_to_all": {"QS", "Sr", "Bi"}}
TARGETS = ("d33", "eps_r")
TABLES = {
    "test_predictions", "models", "members", "architecture", "lph_correlations", "importance_permutation",
    "importance_integrated_gradients",
}  # fmt: skip
FIGURES = {"campaign", "permittivity", "loss_curves", "relative_error"} | {
    f"{kind}_{target}" for kind in ("parity", "errors", "importance", "response") for target in TARGETS
}
AUGMENTATION = {
    f"{kind}/{target}/{key}"
    for target in TARGETS
    for kind in ("base/test", "agreement")
    for key in ("r2", "rmse", "mae")
} | {f"augmentation/{test}_p/{name}" for test in ("shapiro", "ks") for name in ("x", "lph_slope")}


def names(client, run, folder):
    return {entry.path.removeprefix(f"{folder}/") for entry in client.list_artifacts(run.info.run_id, folder)}


def read(client, run, table):
    path = client.download_artifacts(run.info.run_id, f"tables/{table}.csv")
    return pd.read_csv(path, float_precision="round_trip")


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_leaves_metrics_tables_figures_and_a_model(finished, client, experiment):
    run = finished(f"experiment=piezo/{experiment}", *TINY, *EXPERIMENTS[experiment])

    metrics = run.data.metrics
    for key in ("train/loss", "val/loss"):
        assert [point.step for point in client.get_metric_history(run.info.run_id, key)] == [0, 1, 2]
    first = run.data.params["data.target"].strip("[]'").split("'")[0]
    part = {target: "test" if target == first else f"test/{target}" for target in TARGETS}
    for target in TARGETS:
        assert {f"{part[target]}/{key}" for key in ("r2", "relative_error", "member_r2_sd")} <= set(metrics)
        for name in ("linear", "random_forest"):
            assert f"baseline/{name}/{part[target]}/rmse" in metrics
            assert f"baseline/{name}/{part[target].replace('test/', '')}/p" not in metrics  # one fold tests nothing
    tables, figures = names(client, run, "tables"), names(client, run, "figures")
    if experiment == "augmentation":
        twice = f"base/test/{first}/"
        assert set(metrics) >= {name.replace(twice, "base/test/") for name in AUGMENTATION}
        assert {"augmentation.png", "augmentation_d33.png", "augmentation_eps_r.png"} <= figures
    assert {f"{name}.{kind}" for name in TABLES for kind in ("csv", "md")} <= tables
    assert {f"{name}.png" for name in FIGURES} <= figures

    tested = read(client, run, "test_predictions")
    if experiment in TESTED:
        assert set(tested["series"]) == TESTED[experiment]
    for target in TARGETS:
        residuals = tested[f"{target}_predicted"] - tested[target]
        np.testing.assert_allclose(tested[f"{target}_error"], residuals)
        assert metrics[f"{part[target]}/mae"] == pytest.approx(residuals.abs().mean())
        inside = (tested[f"{target}_low"] <= tested[target]) & (tested[target] <= tested[f"{target}_high"])
        assert metrics[f"{part[target]}/coverage"] == pytest.approx(inside.mean())
    assert len(read(client, run, "members")) == 4  # two folds of each target
    assert set(read(client, run, "lph_correlations")["property"]) == {"eps_r", "d33"}
    assert (read(client, run, "architecture")["weights"] > 0).any()

    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    predicted = loaded.predict(tested[list(loaded.metadata.metadata["inputs"])])
    ends = {f"{target}{end}" for target in TARGETS for end in ("", "_low", "_high")}
    assert set(predicted.columns) == {*ends, "distance", "extrapolated"}
    for target in TARGETS:
        np.testing.assert_allclose(predicted[target], tested[f"{target}_predicted"], rtol=1e-5)
        for end in ("low", "high"):
            np.testing.assert_allclose(predicted[f"{target}_{end}"], tested[f"{target}_{end}"], rtol=1e-5)


def test_without_enough_validation_rows_intervals_are_unavailable(finished, client):
    run = finished("experiment=piezo/ns_to_qs", *TINY, "data.replicates=1", "data.target=d33")

    assert not [key for key in run.data.metrics if "coverage" in key]
    assert not [name for name in read(client, run, "test_predictions") if name.endswith(("_low", "_high"))]
    predicted = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(
        pd.DataFrame({"x": [0.06], "lph_slope": [30.0]})
    )
    assert list(predicted.columns) == ["d33", "d33_low", "d33_high", "distance", "extrapolated"]
    assert predicted[["d33_low", "d33_high"]].to_numpy().tolist() == [[-np.inf, np.inf]]


@pytest.mark.parametrize(("split", "folds"), [("grouped", 3), ("leave_one_group_out", 6), ("kfold", 3)])
def test_a_users_table_keeps_its_families_together(finished, client, table, split, folds):
    family = np.array([f"batch {number}" for number in np.arange(72) % 6])
    path = table(rows=72, family=family)

    run = finished(
        "experiment=piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x,amount]",
        "data.groups=family", f"data/split={split}", *TINY, "ensemble.folds=1",
        *(["data.split.folds=3"] if split != "leave_one_group_out" else []),
        *(["data.split.repeats=1"] if split == "kfold" else []),
    )  # fmt: skip

    tested = read(client, run, "test_predictions")
    assert sorted(tested["row"]) == list(range(72))
    assert {"test/r2", "test/r2_sd", "test/pooled_r2", "test/coverage", "baseline/linear/p"} <= set(run.data.metrics)
    members = read(client, run, "members")
    assert len(members) == folds
    for validated in members["validated_on"]:
        rows = [int(row) for row in str(validated).split()]
        assert set(np.flatnonzero(np.isin(family, family[rows]))) == set(rows)  # whole families only
