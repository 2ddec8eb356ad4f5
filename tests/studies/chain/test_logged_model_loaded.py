"""A chain as MLflow loads it."""

import json
import subprocess
import sys

import mlflow
import numpy as np
import pandas as pd
import pytest
from small_mixtures import own_mixes

from remanence.science.nested.solvents import SOLVENTS


@pytest.fixture(scope="module")
def loaded(own_run):
    return mlflow.pyfunc.load_model(str(own_run.model))


@pytest.fixture(scope="module")
def perovskite(perovskite_run):
    return mlflow.pyfunc.load_model(str(perovskite_run.model))


def test_only_the_columns_of_the_finest_scale_are_needed(own_run, loaded):
    assert loaded.metadata.metadata["inputs"] == {
        "composition": "text",
        "additive": "optional: one of none, oil, salt",
        "heat": "optional: number",
    }
    assert loaded.metadata.signature.inputs is None, "MLflow would refuse whole numbers"
    outputs = loaded.metadata.signature.outputs.input_names()
    assert outputs == [f"{name}{end}" for name in ("gap", "energy", "density") for end in ("", "_low", "_high")]


def test_the_example_travels_with_the_model_and_can_be_predicted(loaded):
    example = loaded.input_example

    predicted = loaded.predict(example)

    assert list(example.columns) == ["composition", "additive", "heat"]
    assert list(predicted.columns) == loaded.metadata.signature.outputs.input_names()
    assert len(predicted) == len(example) == 3


def test_loaded_and_asked_by_the_command_it_gives_the_same(own_run, loaded, ask, tmp_path):
    frame = own_mixes()
    frame.to_csv(tmp_path / "in.csv", index=False)
    assert ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv").code == 0
    written = pd.read_csv(tmp_path / "out.csv", float_precision="round_trip")

    predicted = loaded.predict(frame[["heat", "additive", "composition"]])

    for name in ("gap", "energy", "density"):
        written_as = f"{name}_predicted" if name in frame else name
        np.testing.assert_array_equal(predicted[name], written[written_as])
        np.testing.assert_array_equal(predicted[f"{name}_high"], written[f"{name}_high"])


def test_whole_numbers_as_pandas_reads_them_are_accepted(loaded, tmp_path):
    own_mixes().round({"heat": 0}).astype({"heat": int}).to_csv(tmp_path / "in.csv", index=False)
    read = pd.read_csv(tmp_path / "in.csv")

    predicted = loaded.predict(read)

    assert read["heat"].dtype == np.int64
    np.testing.assert_array_equal(predicted, loaded.predict(read.astype({"heat": float})))


@pytest.mark.slow
def test_the_mlflow_command_line_gives_the_same_numbers(own_run, loaded, tmp_path):
    own_mixes().round({"heat": 0}).astype({"heat": int}).to_csv(tmp_path / "in.csv", index=False)
    command = [sys.executable, "-m", "mlflow", "models", "predict", "--env-manager", "local", "-t", "csv"]
    command += ["-m", str(own_run.model), "-i", f"{tmp_path}/in.csv", "-o", f"{tmp_path}/out.json"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    predicted = pd.DataFrame(json.loads((tmp_path / "out.json").read_text())["predictions"])
    expected = loaded.predict(pd.read_csv(tmp_path / "in.csv"))
    np.testing.assert_allclose(predicted[expected.columns], expected, rtol=1e-12)


def test_no_file_of_a_chain_is_a_pickle(own_run):
    folder = own_run.model / "data" / "remanence_model"

    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    weights = {f"{scale}/{file}" for scale in ("ions", "mix") for file in ("model.json", "weights.safetensors")}
    assert files == {"chain.json", *weights}
    assert not [path for path in own_run.model.rglob("*") if path.is_file() and path.read_bytes().startswith(b"\x80")]
    assert json.loads((folder / "chain.json").read_text())["scales"].keys() == {"ions", "mix"}


@pytest.mark.parametrize("change", [{"composition": "MAPbF3"}, {"additive": "sand"}, {"heat": "warm"}])
def test_a_bad_cell_is_refused_by_the_loaded_chain(loaded, change):
    with pytest.raises(Exception, match=r"composition|additive|heat"):
        loaded.predict(own_mixes(3)[["composition", "additive", "heat"]].assign(**change))


def test_raw_compositions_are_enough_for_the_gap(perovskite):
    compositions = pd.DataFrame({"composition": ["MAPbI3", "FA0.85Cs0.15PbBr1.5I1.5", "CsSnCl3"]})

    predicted = perovskite.predict(compositions)

    assert list(predicted.columns) == ["gap", "gap_low", "gap_high"]
    assert (np.diff(predicted[["gap_low", "gap", "gap_high"]], axis=1) > 0).all()
    assert predicted["gap"].between(0, 8).all()


def test_with_a_solvent_the_binding_energy_is_predicted_as_well(perovskite):
    rows = pd.DataFrame([("MAPbI3", solvent) for solvent in SOLVENTS], columns=["composition", "solvent"])

    predicted = perovskite.predict(rows)

    assert predicted["gap"].nunique() == 1
    assert predicted["binding_energy"].nunique() == len(SOLVENTS)
    columns = perovskite.metadata.metadata["inputs"]
    assert columns.keys() == {"composition", "solvent"}
    assert columns["solvent"].startswith("optional: one of ")


def test_an_unknown_solvent_is_named(perovskite):
    with pytest.raises(Exception, match=r"row 2, column 'solvent': .*water"):
        perovskite.predict(pd.DataFrame({"composition": ["MAPbI3"], "solvent": ["water"]}))
