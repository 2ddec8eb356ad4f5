import pandas as pd
import pytest

QUICK = ("trainer.max_epochs=3", "data.replicates=4", "baselines.random_forest.n_estimators=5")


def test_a_run_ends_finished_with_metrics_figures_and_one_model(command, all_runs, client, outputs):
    result = command("train", "experiment=piezo/single", *QUICK)

    assert result.code == 0, result.err
    (run,) = all_runs()
    assert run.info.status == "FINISHED"
    assert {
        "test/r2",
        "val/mse",
        "baseline/linear/test/r2",
        "baseline/random_forest/test/r2",
    } <= run.data.metrics.keys()
    figures = {entry.path for entry in client.list_artifacts(run.info.run_id, "figures")}
    assert figures == {"figures/parity_d33.png", "figures/loss_curves.png"}
    assert len(run.outputs.model_outputs) == 1
    assert len(run.inputs.dataset_inputs) == 1


def test_same_seed_gives_identical_metrics(command, all_runs):
    for _ in range(2):
        assert command("train", "experiment=piezo/single", *QUICK).code == 0

    first, second = all_runs()
    assert first.data.metrics == second.data.metrics


def test_predictions_of_the_logged_model_are_those_of_the_run(command, all_runs, client, tmp_path):
    assert command("train", "experiment=piezo/single", *QUICK).code == 0
    (run,) = all_runs()
    tested = pd.read_csv(client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"))
    tested.drop(columns="d33_predicted").to_csv(tmp_path / "new.csv", index=False)

    result = command("predict", f"run={run.info.run_id}", f"input={tmp_path}/new.csv", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    assert pd.read_csv(tmp_path / "out.csv")["d33_predicted"].tolist() == tested["d33_predicted"].tolist()


@pytest.mark.parametrize("model", ["dnn", "linear", "random_forest"])
def test_every_model_has_the_same_metrics_tables_and_parity_plot(train, client, model):
    run = train(f"model={model}")

    names = {"mse", "rmse", "mae", "r2", "relative_error"}
    for prefix in ("train", "val", "test", "baseline/linear/test", "baseline/random_forest/test"):
        assert {f"{prefix}/{name}" for name in names} <= run.data.metrics.keys()
    figures = {entry.path for entry in client.list_artifacts(run.info.run_id, "figures")}
    curves = {"figures/loss_curves.png"} if model == "dnn" else set()
    assert figures == {"figures/parity_d33.png"} | curves


def test_a_model_has_the_numbers_of_the_baseline_of_its_name(train):
    run = train("model=random_forest", "model.n_estimators=5")

    for key in ("test/r2", "train/rmse", "val/mae"):
        assert run.data.metrics[key] == run.data.metrics[f"baseline/random_forest/{key}"]


def test_each_of_several_targets_has_its_metrics_and_figure(train, client):
    run = train("data.target=[eps_r,d33]")

    assert run.data.metrics["test/r2"] == run.data.metrics["test/eps_r/r2"] != run.data.metrics["test/d33/r2"]
    assert run.data.metrics["baseline/linear/test/r2"] == run.data.metrics["baseline/linear/test/eps_r/r2"]
    figures = {entry.path for entry in client.list_artifacts(run.info.run_id, "figures")}
    assert figures == {"figures/parity_eps_r.png", "figures/parity_d33.png", "figures/loss_curves.png"}
    assert len(run.outputs.model_outputs) == 1


def test_a_column_of_categories_is_worth_something(train, table):
    named = [f"data.path={table()}", "data.target=d33", "model=linear", "~baselines.random_forest"]

    without = train(*named, "data.features=[x,amount]", experiment="piezo/table")
    coded = train(*named, "data.features=[x,amount,kind]", "data.categorical=[kind]", experiment="piezo/table")

    assert coded.data.metrics["test/rmse"] < 2 < without.data.metrics["test/rmse"]


def test_the_test_rows_of_all_folds_are_every_row_once(train, client):
    rows = []
    for fold in range(3):
        run = train(f"data.split.fold={fold}", "data.split.folds=3", "model=linear", "~baselines.random_forest")
        rows += pd.read_csv(client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"))["row"].tolist()

    assert sorted(rows) == list(range(24))


def test_the_real_table_is_trained_on_by_path(train, shared_data):
    path = shared_data / "piezo" / "knn_d33_train.csv"

    run = train(f"data.path={path}", experiment="piezo/knn")

    assert run.data.tags["remanence.config"] == "piezo/knn"
    assert run.data.metrics["baseline/random_forest/test/r2"] > 0.3


def test_the_report_sets_the_model_beside_its_baselines(command, all_runs, outputs):
    result = command("train", "experiment=piezo/single", *QUICK)

    (run,) = all_runs()
    assert "on 5 test rows of nbbt (synthetic)" in result.out
    for row in ("this run", "linear", "random_forest"):
        assert row in result.out
    assert "predicts these rows better than the model of this run" in result.out
    assert run.info.run_id in result.out
    assert str(outputs / "runs" / run.info.run_id / "figures") in result.out
    assert "remanence ui" in result.out
    assert f"{run.data.metrics['baseline/linear/test/r2']:.4g}" in result.out


def test_early_stopping_ends_a_training_and_keeps_the_best_weights(train, client):
    run = train("trainer.max_epochs=300", "model.lr=0.05", "callbacks.patience=3")

    losses = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "val/loss")}
    last = max(losses)
    assert last < 299
    assert min(losses, key=losses.get) == last - 3
    history = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "val/mse")}
    assert history[last - 3] == pytest.approx(run.data.metrics["val/mse"], rel=1e-4)


def test_an_objective_that_is_no_metric_is_named_with_those_there_are(command):
    result = command("train", "experiment=piezo/single", *QUICK, "objective=val/foo")

    assert result.code == 2
    assert "objective: no metric 'val/foo'; there are: " in result.err
    assert "val/mse" in result.err
