import pandas as pd

QUICK = ("trainer.max_epochs=3", "data.replicates=4", "baselines.random_forest.n_estimators=5")


def test_a_run_ends_finished_with_metrics_figures_and_one_model(command, all_runs, client, outputs):
    result = command("train", "experiment=piezo/ns", *QUICK)

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
        assert command("train", "experiment=piezo/ns", *QUICK).code == 0

    first, second = all_runs()
    assert first.data.metrics == second.data.metrics


def test_predictions_of_the_logged_model_are_those_of_the_run(command, all_runs, client, tmp_path):
    assert command("train", "experiment=piezo/ns", *QUICK).code == 0
    (run,) = all_runs()
    tested = pd.read_csv(client.download_artifacts(run.info.run_id, "tables/test_predictions.csv"))
    tested.drop(columns="d33_predicted").to_csv(tmp_path / "new.csv", index=False)

    result = command("predict", f"run={run.info.run_id}", f"input={tmp_path}/new.csv", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    assert pd.read_csv(tmp_path / "out.csv")["d33_predicted"].tolist() == tested["d33_predicted"].tolist()
