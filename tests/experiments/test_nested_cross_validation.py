"""experiments/nested_cross_validation.py: settings that are chosen inside the training rows of each fold."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "experiments" / "nested_cross_validation.py"
INNER = {0: {"mse": 3.0, "mae": 2.0}, 1: {"mse": 1.0, "mae": 2.0}, None: {"mse": 4.0, "mae": 4.5}}
"""Errors of two losses on the folds inside folds 0 and 1, and on the plain folds."""
TESTED = {"mse": 6.0, "mae": 5.0}


@pytest.fixture
def script(monkeypatch):
    specified = importlib.util.spec_from_file_location("nested_cross_validation", SCRIPT)
    module = importlib.util.module_from_spec(specified)
    monkeypatch.setitem(sys.modules, specified.name, module)  # its dataclass looks itself up
    specified.loader.exec_module(module)
    return module


@pytest.fixture
def swept(script, monkeypatch):
    """Let the script find known errors, and return the sweeps that it asked for."""
    asked, runs = [], {}

    def sweep(experiment, search, *overrides, name):
        asked.append((name, search, overrides))
        given = dict(each.split("=", 1) for each in overrides)
        if "data.split.only" in search:
            losses, errors = [given["model.loss"]], TESTED
        else:
            inside = given.get("data.split.inside")
            losses, errors = search["model.loss"].split(","), INNER[None if inside is None else int(inside)]
        ids = [f"{name}/{loss}" for loss in losses]
        for run, loss in zip(ids, losses, strict=True):
            runs[run] = SimpleNamespace(metrics={"test/mae": errors[loss], "test/r2": 0.5})
        return SimpleNamespace(trials=pd.DataFrame({"model.loss": losses, "run": ids}))

    monkeypatch.setattr(script.rm, "sweep", sweep)
    monkeypatch.setattr(script.rm, "load", runs.__getitem__)
    monkeypatch.setattr(script.rm, "open_data", lambda *_: SimpleNamespace(folds=[0, 1]))
    return asked


TYPED = ["experiment=piezo/knn", "model.loss=mse,mae", "also=test/r2", "name=try"]


def test_each_fold_is_tested_by_what_its_own_inner_folds_have_chosen(script, swept):
    found = script.nested(script.Asked.of(TYPED))

    assert found.to_dict("list") == {
        "fold": [0, 1],
        "model.loss": ["mae", "mse"],
        "inner test/mae": [2.0, 1.0],
        "test/mae": [5.0, 6.0],
        "test/r2": [0.5, 0.5],
    }
    names = [name for name, *_ in swept]
    assert names == ["try-0-inside", "try-0-chosen", "try-1-inside", "try-1-chosen"]
    inner, outer = swept[2], swept[3]
    assert inner[2] == ("experiment=piezo/knn", "objective=test/mae", "data.split.inside=1")
    assert outer[1:] == ({"data.split.only": [1]}, ("experiment=piezo/knn", "model.loss=mse"))


def test_what_choosing_on_the_tested_folds_is_worth_is_printed(script, swept, capsys):
    script.main(TYPED)

    printed = capsys.readouterr().out
    assert "test/mae: 5.5 ± 0.71 (sd over folds)" in printed
    assert "| mse | 4 | 0.5 |\n| mae | 4.5 | 0.5 |" in printed, "the best first"
    assert printed.rstrip().endswith("test/mae, nested less best of these: +1.5 (+37.5%)")


def test_without_a_choice_there_is_nothing_to_do(script):
    with pytest.raises(SystemExit, match="nothing to choose"):
        script.Asked.of(["experiment=piezo/knn", "model.loss=mse"])
