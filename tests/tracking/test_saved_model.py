"""Stored weights that are not finite: a model is refused when it is loaded, instead of predicting empty cells."""

import json
from pathlib import Path

import numpy as np
import pytest
import skops.io
import torch
from safetensors.torch import load_file, save_file

from remanence.tracking.saved_model import CHECKSUMS, DESCRIPTION, load_model

LONE = "~baselines.random_forest"


@pytest.fixture
def saved(client):
    """Return the folder of the saved model of a run."""

    def find(run):
        (logged,) = run.outputs.model_outputs
        place = client.get_logged_model(logged.model_id).artifact_location.removeprefix("file://")
        return Path(place) / "data" / "remanence_model"

    return find


def refused(command, run, table, tmp_path, file):
    """Predict with damaged weights that no checksum gives away, as in models of earlier releases."""
    description = json.loads((file.parent / DESCRIPTION).read_text())
    del description[CHECKSUMS]
    (file.parent / DESCRIPTION).write_text(json.dumps(description))

    result = command("predict", f"run={run.info.run_id}", f"input={table}", f"output={tmp_path}/out.csv")

    assert result.code == 2
    assert f"{file.name}: " in result.err.replace("\n", "")
    assert "not finite" in result.err.replace("\n", " ")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("arguments", [("ensemble=single",), ("ensemble=stacked", "ensemble.folds=2")])
def test_a_network_with_a_weight_that_is_not_finite_is_refused(
    train, saved, command, table, tmp_path, value, arguments
):
    given = table()
    run = train(f"data.path={given}", "data.target=d33", "data.features=[x,amount]", LONE, *arguments,
                "model=dnn", experiment="piezo/table")  # fmt: skip
    path = saved(run) / "weights.safetensors"
    weights = load_file(path)
    name = next(name for name, weight in weights.items() if name.endswith("weight") and weight.ndim > 1)
    weights[name].view(-1)[0] = value
    save_file(weights, path)

    refused(command, run, given, tmp_path, path)


def test_a_scale_that_is_not_finite_is_refused(train, saved, command, table, tmp_path):
    given = table()
    run = train(f"data.path={given}", "data.target=d33", "data.features=[x,amount]", LONE, "model=dnn",
                experiment="piezo/table")  # fmt: skip
    path = saved(run) / "weights.safetensors"
    weights = load_file(path)
    (name, *_) = (name for name in weights if name.endswith(".mean"))
    weights[name][0] = torch.nan
    save_file(weights, path)

    refused(command, run, given, tmp_path, path)


def test_an_estimator_with_a_coefficient_that_is_not_finite_is_refused(train, saved, command, table, tmp_path):
    given = table()
    run = train(f"data.path={given}", "data.target=d33", "data.features=[x,amount]", LONE, "model=linear",
                experiment="piezo/table")  # fmt: skip
    path = saved(run) / "fitted.skops"
    model, _ = load_model(path.parent)
    steps = getattr(model.regressors_[0], "steps", None)
    (steps[-1][1] if steps else model.regressors_[0]).coef_[0] = np.nan
    skops.io.dump(model.regressors_, path)

    refused(command, run, given, tmp_path, path)
