import shutil
import signal

import pandas as pd
import pytest

from remanence.training.stacked.stacked_fit import _Training

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
    for prefix in ("train", "val", "test"):
        assert {f"{prefix}/{name}" for name in names} <= run.data.metrics.keys()
    of_baselines = {f"baseline/{b}/test/{name}" for b in ("linear", "random_forest") for name in ("r2", "rmse", "mae")}
    assert {key for key in run.data.metrics if key.startswith("baseline/")} == of_baselines
    table = pd.read_csv(client.download_artifacts(run.info.run_id, "tables/models.csv"), index_col="metric")
    assert {f"{part}/{name}" for part in ("train", "val", "test") for name in names} <= set(table.index)
    assert table[["this run", "linear", "random_forest"]].notna().loc["train/mse"].all()
    figures = {entry.path for entry in client.list_artifacts(run.info.run_id, "figures")}
    curves = {"figures/loss_curves.png"} if model == "dnn" else set()
    assert figures == {"figures/parity_d33.png"} | curves


def test_a_model_has_the_numbers_of_the_baseline_of_its_name(train, client):
    run = train("model=random_forest", "model.n_estimators=5")

    table = pd.read_csv(client.download_artifacts(run.info.run_id, "tables/models.csv"), index_col="metric")
    for key in ("test/r2", "train/rmse", "val/mae"):
        assert run.data.metrics[key] == pytest.approx(table.loc[key, "random_forest"], rel=1e-12)
    assert run.data.metrics["test/r2"] == run.data.metrics["baseline/random_forest/test/r2"]


def test_each_of_several_targets_has_its_metrics_and_figure(train, client):
    run = train("data.target=[eps_r,d33]")

    metrics = run.data.metrics
    assert metrics["test/r2"] != metrics["test/d33/r2"]
    assert {"baseline/linear/test/r2", "baseline/linear/test/d33/r2"} <= metrics.keys()
    assert not [key for key in metrics if "eps_r" in key]  # nothing stands twice: plain names are the first target's
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
    assert "has the smaller MAE (" in result.out
    assert " trains it" in result.out
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


def test_the_server_of_a_sweeps_workers_starts_before_the_command_is_read(command, monkeypatch):
    started = []
    monkeypatch.setattr("remanence.sweeps.pool.warm_up", lambda: started.append(True))

    assert command("train", "-m", "n_jobs=2", "experiment=nowhere").code == 2

    assert started == [True]


def test_a_wrong_objective_is_answered_before_a_run_is_tracked(command, all_runs):
    result = command("train", "experiment=piezo/single", *QUICK, "objective=val/foo")

    assert (result.code, all_runs()) == (2, [])
    assert result.err == "remanence: error: objective: no metric 'val/foo'; did you mean 'val/r2'?\n"


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["trainer=gpu"], "trainer.accelerator"),
        (["trainer=fsdp", "trainer.accelerator=cpu", "trainer.devices=1"], "trainer.strategy"),
        (["trainer.devices=[0]"], "trainer.devices"),
        (["trainer.num_nodes=2"], "trainer.num_nodes"),
        (["ensemble=stacked", "trainer.precision=bf16-mixed"], "trainer.precision"),
        (["ensemble=stacked", "trainer.devices=99"], "trainer.devices"),
        (["augmentation=noise"], "augmentation"),
    ],
)
def test_what_a_training_cannot_do_is_told_in_one_line_before_anything_is_tracked(
    command, all_runs, monkeypatch, arguments, key
):
    for name, answer in {
        "cuda.is_available": False,
        "cuda.device_count": 0,
        "backends.mps.is_available": False,
    }.items():
        monkeypatch.setattr(f"torch.{name}", lambda answer=answer: answer)
    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", lambda: None)

    result = command("train", "experiment=piezo/single", *QUICK, *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: {key}: ")
    assert all_runs() == []


@pytest.mark.parametrize("gone", [False, True])
def test_an_augmented_fork_that_is_interrupted_in_its_first_training_starts_the_second_from_the_same_weights(
    command, all_runs, client, outputs, monkeypatch, gone
):
    short = ("trainer.max_epochs=3", "data.replicates=4", "baselines=none", "figures=brief")
    small = ("ensemble.folds=2", "ensemble.repeats=1", "augmentation.n_augmented=5")
    assert command("train", "experiment=piezo/augmentation", *short, *small).code == 0
    (origin,) = all_runs()
    forked = ["train", f"fork={origin.info.run_id}", "seed=3", "callbacks.checkpoint_seconds=0"]
    assert command(*forked).code == 0
    whole = all_runs()[0]
    untouched, seen = _Training.run_epoch, []

    def stop(self):
        seen.append(1)
        if len(seen) == (5 if gone else 2):  # in the second training, in the first one
            signal.raise_signal(signal.SIGTERM)
        return untouched(self)

    with monkeypatch.context() as patched:
        patched.setattr(_Training, "run_epoch", stop)
        assert command(*forked).code == 143
    (stopped,) = [run for run in all_runs() if run.info.status == "KILLED"]
    if gone:
        client.delete_run(origin.info.run_id)
        shutil.rmtree(outputs / "runs" / origin.info.run_id)

    result = command("train", f"resume={stopped.info.run_id}")

    assert result.code == 0, result.err
    assert client.get_run(stopped.info.run_id).data.metrics == whole.data.metrics
