import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from mlflow.utils import environment, requirements_utils

from remanence.errors import ConfigurationError, DataError
from remanence.studies.table.logged_model import TableModel
from remanence.tracking.logged_model import REQUIREMENTS
from remanence.tracking.saved_model import CHECKSUMS

MODELS = ["dnn", "linear", "random_forest"]


def own_predictions(client, run):
    """The run's own test rows with what it predicted for them, to the last digit."""
    path = client.download_artifacts(run.info.run_id, "tables/test_predictions.csv")
    return pd.read_csv(path, float_precision="round_trip")


def folder_of(client, run):
    (logged,) = run.outputs.model_outputs
    return Path(client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://"))


@pytest.fixture
def train_table(train, table):
    """Train on a table with a number, an integer and a category as features and two targets."""

    def run(*arguments):
        return train(
            f"data.path={table()}", "data.target=[d33,eps_r]", "data.features=[x,amount,kind]",
            "data.categorical=[kind]", "~baselines.random_forest", *arguments, experiment="piezo/table",
        )  # fmt: skip

    return run


@pytest.mark.parametrize("model", MODELS)
def test_the_loaded_model_gives_the_numbers_of_the_run(train, client, model):
    run = train(f"model={model}")
    tested = own_predictions(client, run)

    predicted = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(tested[["x", "lph_slope"]])

    ends = [] if model == "dnn" else ["d33_low", "d33_high"]  # one network has no rows left to calibrate them
    assert list(predicted.columns) == ["d33", *ends, "distance", "extrapolated"]
    np.testing.assert_array_equal(predicted["d33"], tested["d33_predicted"])


@pytest.mark.parametrize("model", MODELS)
def test_categories_and_several_targets_are_inside_the_model(train_table, client, model):
    run = train_table(f"model={model}")
    tested = own_predictions(client, run)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")

    predicted = loaded.predict(tested[["x", "amount", "kind"]])
    turned = loaded.predict(tested[["kind", "amount", "x", "d33"]].iloc[::-1])

    for target in ("d33", "eps_r"):
        np.testing.assert_array_equal(predicted[target], tested[f"{target}_predicted"])
        np.testing.assert_allclose(turned[target].iloc[::-1], tested[f"{target}_predicted"], rtol=1e-6)


def test_columns_of_every_kind_of_number_that_mlflow_widens_are_accepted(train_table, client):
    run = train_table("model=linear")
    tested = own_predictions(client, run)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")

    for kind in (np.int8, np.int16, np.int32, np.float32, np.float64):
        predicted = loaded.predict(tested[["x", "amount", "kind"]].astype({"amount": kind}))
        np.testing.assert_array_equal(predicted["d33"], tested["d33_predicted"])


def test_integer_columns_as_pandas_reads_them_are_accepted(train_table, client):
    run = train_table("model=linear")
    tested = own_predictions(client, run)

    assert tested["amount"].dtype == np.int64
    predicted = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(tested[["x", "amount", "kind"]])
    np.testing.assert_array_equal(predicted["d33"], tested["d33_predicted"])


def test_categories_that_look_like_numbers_are_accepted_as_pandas_reads_them(train, table, client):
    path = table(batch=[f"{number % 3 + 1:03d}" for number in range(30)], site=[1, 2] * 15, ok=["true", "false"] * 15)
    run = train(f"data.path={path}", "data.target=d33", "data.features=[x,amount,batch,site,ok]", "model=linear",
                "data.categorical=[batch,site,ok]", "~baselines.random_forest", experiment="piezo/table")  # fmt: skip
    tested = own_predictions(client, run)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")

    for rows in (tested, tested.astype({"batch": float, "site": float}), tested.astype({"site": str})):
        np.testing.assert_array_equal(loaded.predict(rows)["d33"], tested["d33_predicted"])
    for unknown in ({"batch": 4}, {"site": None}, {"ok": 1}):
        with pytest.raises(DataError, match=f"column '{next(iter(unknown))}' is"):
            loaded.predict(tested.assign(**unknown))


@pytest.mark.parametrize("form", ["list", "records"])
def test_columns_and_rows_as_dictionaries_are_accepted(train_table, client, form):
    run = train_table("model=linear")
    tested = own_predictions(client, run)

    predicted = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(tested.to_dict(form))

    np.testing.assert_array_equal(predicted["d33"], tested["d33_predicted"])


@pytest.mark.parametrize(
    "change",
    [{"kind": "unheard of"}, {"x": "many"}, {"x": None}],
)
def test_a_bad_cell_is_refused_by_the_loaded_model(train_table, client, change):
    run = train_table("model=linear")
    rows = own_predictions(client, run)[["x", "amount", "kind"]].assign(**change)

    with pytest.raises(Exception, match=r"kind|x"):
        mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model").predict(rows)


def test_signature_example_and_requirements_travel_with_the_model(train_table, client):
    run = train_table()
    info = mlflow.models.get_model_info(f"runs:/{run.info.run_id}/model")

    assert info.signature.inputs is None, "MLflow would refuse whole numbers"
    assert info.metadata["inputs"] == {"x": "number", "amount": "number", "kind": "one of NS, QS"}
    assert info.signature.outputs.input_names() == ["d33", "eps_r", "distance", "extrapolated"]
    requirements = (folder_of(client, run) / "requirements.txt").read_text().splitlines()
    assert f"torch=={torch.__version__}" in requirements
    assert any(line.startswith("remanence==") for line in requirements)
    assert all(f"{name}=={version(name)}" in requirements for name in REQUIREMENTS)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    example = loaded.input_example
    assert list(example.columns) == ["x", "amount", "kind"]
    assert loaded.predict(example).shape == (len(example), 4)


def test_the_files_of_installed_packages_are_not_listed_for_a_model(train_table, client, monkeypatch):
    monkeypatch.setattr(requirements_utils, "_init_packages_to_modules_map", lambda: pytest.fail("they are listed"))
    check = environment.warn_dependency_requirement_mismatches
    monkeypatch.setattr(requirements_utils._logger, "warning", lambda text, *_: pytest.fail(text))

    run = train_table()

    assert (folder_of(client, run) / "requirements.txt").is_file()
    assert environment.warn_dependency_requirement_mismatches is check


@pytest.mark.parametrize("model", MODELS)
def test_no_file_of_a_model_is_a_pickle(train, client, model):
    folder = folder_of(client, train(f"model={model}"))

    saved = {path.name for path in (folder / "data" / "remanence_model").iterdir()}
    fitted = ["weights.safetensors"] if model == "dnn" else ["fitted.skops", "scaling.json"]
    assert saved == {"model.json", "training_rows.safetensors", *fitted}
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        assert path.suffix not in (".pkl", ".pickle", ".pt", ".pth", ".joblib")
        assert not path.read_bytes().startswith(b"\x80"), path
    assert "cloudpickle" not in (folder / "MLmodel").read_text()


def test_checkpoints_hold_plain_values_and_tensors_only(train, outputs):
    run = train("data.batch_size=8", "callbacks.checkpoint_seconds=0")

    for name in ("best.ckpt", "last.ckpt"):
        path = outputs / "runs" / run.info.run_id / "checkpoints" / name
        checkpoint = torch.load(path, weights_only=True)
        assert checkpoint["hyper_parameters"]["hidden"] == [64, 64]


def test_the_best_checkpoint_holds_the_weights_of_the_logged_model(train, client, outputs):
    run = train()
    folder = folder_of(client, run)

    model = TableModel.load(folder / "data" / "remanence_model").model
    best = torch.load(outputs / "runs" / run.info.run_id / "checkpoints" / "best.ckpt", weights_only=True)

    assert best["state_dict"].keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(best["state_dict"][name], value, rtol=0, atol=0)


def test_a_model_file_that_names_anything_but_a_model_is_refused(train, client):
    folder = folder_of(client, train("model=linear")) / "data" / "remanence_model"
    description = json.loads((folder / "model.json").read_text())

    for target in ("os.system", "subprocess.Popen", "builtins.eval", "nowhere.Model", "remanence.models.dnn.No", "x"):
        (folder / "model.json").write_text(json.dumps(description | {"target": target}))
        with pytest.raises(ConfigurationError, match=target):
            TableModel.load(folder)


def test_a_skops_file_with_an_untrusted_type_is_refused(train, client, tmp_path):
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    folder = folder_of(client, train("model=random_forest", "model.n_estimators=5")) / "data" / "remanence_model"
    skops.io.dump(FunctionTransformer(func=Path.exists), folder / "fitted.skops")
    description = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(description | {CHECKSUMS: {}}))

    with pytest.raises(Exception, match=r"[Uu]ntrusted"):
        TableModel.load(folder)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["dnn", "random_forest"])
def test_the_mlflow_command_line_gives_the_same_numbers(train_table, client, outputs, tmp_path, monkeypatch, model):
    run = train_table(f"model={model}")
    tested = own_predictions(client, run)
    tested[["x", "amount", "kind"]].to_csv(tmp_path / "in.csv", index=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{outputs}/mlflow.db")
    command = [sys.executable, "-m", "mlflow", "models", "predict", "--env-manager", "local", "-t", "csv"]
    command += ["-m", f"runs:/{run.info.run_id}/model", "-i", f"{tmp_path}/in.csv", "-o", f"{tmp_path}/out.json"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    predicted = pd.DataFrame(json.loads((tmp_path / "out.json").read_text())["predictions"])
    for target in ("d33", "eps_r"):
        np.testing.assert_allclose(predicted[target], tested[f"{target}_predicted"], rtol=1e-12)
