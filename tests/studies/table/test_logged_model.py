import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.models.extra_trees import ExtraTrees
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.lasso import Lasso
from remanence.models.linear import Linear
from remanence.models.nu_svr import NuSVR
from remanence.models.random_forest import RandomForest
from remanence.models.ridge import Ridge
from remanence.models.svr import SVR
from remanence.studies.table.logged_model import TableModel

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 2))
Y = np.stack([X @ [3, -1], X[:, 0] ** 2], axis=1) + 0.1 * RANDOM.normal(size=(40, 2))
NEW = pd.DataFrame(RANDOM.normal(size=(6, 2)), columns=["radius", "mass"])
COLUMNS = Columns(features=["radius", "mass"], targets=["gap", "energy"], levels={})
BOOSTING = {"depths": [2], "subsamples": [0.7], "max_estimators": 60}
MODELS = {
    "linear": (Linear, {}),
    "ridge": (Ridge, {}),
    "lasso": (Lasso, {}),
    "svr": (SVR, {}),
    "nu_svr": (NuSVR, {"cs": [1.0], "folds": 3}),
    "gaussian_process": (GaussianProcess, {}),
    "gaussian_process_ard": (GaussianProcess, {"ard": True, "max_rows": 30}),
    "extra_trees": (ExtraTrees, {"n_estimators": 5}),
    "random_forest_searched": (RandomForest, {"n_estimators": 5, "depths": [2, 4]}),
    "sklearn": (GradientBoosting, BOOSTING | {"engine": "sklearn"}),
    "xgboost": (GradientBoosting, BOOSTING | {"engine": "xgboost"}),
}


@pytest.fixture
def saved(tmp_path):
    """Return a fitted model of a name and the folder that it is saved in."""

    def save(name):
        if name == "xgboost":
            pytest.importorskip("xgboost")
        kind, arguments = MODELS[name]
        model = kind(n_features=2, n_targets=2, **arguments)
        model.fit(X, Y)
        TableModel(model, COLUMNS).save(tmp_path)
        return model, tmp_path

    return save


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_baseline_gives_the_numbers_of_the_saved_one(saved, name):
    model, folder = saved(name)

    loaded = TableModel.load(folder)

    np.testing.assert_array_equal(loaded.predict(NEW), model.predict(COLUMNS.encode(NEW, "new")))
    assert loaded.model.hparams == model.hparams


def test_xgboost_is_saved_as_json_that_xgboost_reads(saved):
    xgboost = pytest.importorskip("xgboost")
    model, folder = saved("xgboost")

    assert {path.name for path in folder.iterdir()} == {
        "model.json",
        "fitted_0.json",
        "fitted_1.json",
        "scaling.json",
    }
    assert json.loads((folder / "model.json").read_text())["arguments"]["engine"] == "xgboost"
    booster = xgboost.Booster(model_file=folder / "fitted_1.json")
    scaling = model.scaling_
    z = booster.predict(xgboost.DMatrix(scaling.inputs(NEW.to_numpy()))) * scaling.target_spread[1]
    expected = model.predict(NEW.to_numpy())[:, 1]
    np.testing.assert_allclose(z + scaling.target_centre[1], expected, rtol=1e-6)


def test_loading_xgboost_without_it_names_the_extra(saved, monkeypatch):
    _, folder = saved("xgboost")
    monkeypatch.setitem(sys.modules, "xgboost", None)

    with pytest.raises(ConfigurationError, match=r"remanence\[boosting\]"):
        TableModel.load(folder)


@pytest.mark.parametrize("engine", ["sklearn", "xgboost"])
def test_requirements_of_a_run_name_xgboost_for_its_models_only(train, client, engine):
    if engine == "xgboost":
        pytest.importorskip("xgboost")
    run = train("model=gradient_boosting", f"model.engine={engine}", "model.max_estimators=20")
    (logged,) = run.outputs.model_outputs
    folder = Path(client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://"))

    requirements = (folder / "requirements.txt").read_text()

    assert ("xgboost" in requirements) == (engine == "xgboost")
    path = client.download_artifacts(run.info.run_id, "tables/test_predictions.csv")
    tested = pd.read_csv(path, float_precision="round_trip")
    predicted = TableModel.load(folder / "data" / "remanence_model").predict(tested)
    np.testing.assert_array_equal(predicted["d33"], tested["d33_predicted"])
