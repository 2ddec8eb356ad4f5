"""What a typed line is for, by its verb: each function asserts it of the words, the answer, the new runs and MLflow."""

import re
from pathlib import Path

import pandas as pd
import yaml


def value_of(words, key):
    return next((word.partition("=")[2] for word in words if word.startswith(f"{key}=")), None)


def trained(words, result, new, client):
    if "--cfg" in words:
        assert yaml.safe_load(result.out)["ensemble"]["folds"] == 5
        return
    children = [run for run in new if "remanence.trial" in run.data.tags]
    assert {run.info.status for run in new} <= {"FINISHED"}
    if "-m" in words:
        assert len(children) >= 2
        assert len(new) == len(children) + 1
        return
    if value_of(words, "resume"):
        assert client.get_run(value_of(words, "resume")).info.status == "FINISHED"
        return
    (run,) = new
    assert "test/r2" in run.data.metrics or "test/mse" in run.data.metrics
    if (name := value_of(words, "name")) is not None:
        assert run.info.run_name == name
    if value_of(words, "fork"):
        assert "remanence.forked_from" in run.data.tags
    if (rate := value_of(words, "model.lr")) is not None:
        assert float(run.data.params["model.lr"]) == float(rate)


def predicted(words, result, new, client):
    output = value_of(words, "output")
    if output.endswith(".h5"):
        import h5py

        with h5py.File(output) as file:
            assert any("novelty" in group for group in file.values() if isinstance(group, h5py.Group))
            assert file["valid"].shape == (36,) if "valid" in file else len(file)
        return
    table = pd.read_csv(output)
    assert len(table) == 6
    assert (table["d33_low"] <= table["d33"]).all()
    assert (table["d33"] <= table["d33_high"]).all()


def chosen(words, result, new, client):
    if value_of(words, "backtest"):
        assert re.search(r"suggest .*random|random", result.out + result.err)
        assert "suggest_backtest" in result.out + result.err
        return
    output = value_of(words, "output")
    if output is not None:
        table = pd.read_excel(output) if output.endswith(".xlsx") else pd.read_csv(output)
        assert {"distance", "extrapolated"} <= set(table)
        assert len(table) == int(value_of(words, "n") or len(table)) > 0
    assert "d33" in result.out
    assert "extrapolated" in result.out


def described(words, result, new, client):
    if words[1] == "list":
        assert "nbbt" in result.out
    elif words[1] == "describe":
        assert "experiment=" in result.out
    else:
        assert (there_is := next(word for word in words[::-1] if "." in word and "=" not in word))
        assert Path(there_is).stat().st_size > 500


def evaluated(words, result, new, client):
    assert "R²" in result.out or "r2" in result.out


def registered(words, result, new, client):
    assert client.get_model_version_by_alias(value_of(words, "name"), value_of(words, "alias")).run_id


def compared(words, result, new, client):
    assert "test/r2" in result.out or "test/mae" in result.out
    if "--html" in words:
        assert "<html" in Path(words[-1]).read_text(encoding="utf-8")


def cleaned(words, result, new, client):
    assert "yes=true" in result.out + result.err or "nothing" in result.out + result.err


def restored(words, result, new, client):
    assert client.get_experiment_by_name("piezo").lifecycle_stage == "active"


EFFECTS = {
    "train": trained, "predict": predicted, "watch": predicted, "evaluate": evaluated, "design": chosen,
    "suggest": chosen, "data": described, "register": registered, "compare": compared, "clean": cleaned,
    "restore": restored,
}  # fmt: skip
