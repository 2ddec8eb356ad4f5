"""experiments/curves.py: learning and calibration curves of real tables."""

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.configuration.compose import compose
from remanence.studies.kinds import checked

SCRIPT = Path(__file__).parents[2] / "experiments" / "curves.py"


@pytest.fixture
def script(monkeypatch):
    specified = importlib.util.spec_from_file_location("curves", SCRIPT)
    module = importlib.util.module_from_spec(specified)
    monkeypatch.setitem(sys.modules, specified.name, module)  # its dataclasses look themselves up
    specified.loader.exec_module(module)
    return module


def test_errors_of_a_table_are_those_of_each_fold(script):
    table = pd.DataFrame({"row": [3, 1, 2, 0], "d": [0.0, 0.0, 0.0, 0.0], "d_predicted": [1.0, 2.0, 3.0, 4.0],
                          "svr_d_predicted": [2.0, 2.0, 2.0, 2.0]})  # fmt: skip
    run = SimpleNamespace(table=lambda name: {"test_predictions": table}[name], metrics={"test/network/mae": 7.0})
    rows = SimpleNamespace(folds=[SimpleNamespace(test=[0, 1]), SimpleNamespace(test=[2, 3])])

    errors = script.fold_errors(run, rows, script.Property("d", "", "d"), "blend")

    assert {model: values.tolist() for model, values in errors.items()} == {
        "blend": [3.0, 2.0],
        "svr": [2.0, 2.0],
        "blend: networks alone": [7.0],
    }


def test_errors_of_a_chain_are_in_its_table(script):
    table = pd.DataFrame({"scale": ["a", "a", "b"], "model": ["chain", "chain", "chain"], "mae": [1.0, 2.0, 9.0]})
    run = SimpleNamespace(table=lambda name: {"fold_errors": table}[name])

    errors = script.fold_errors(run, None, script.Property("d", "", "d", "a"), "chain")

    assert errors["chain"].tolist() == [1.0, 2.0]


def test_the_best_baseline_is_that_of_all_rows(script):
    errors = {
        "blend": [[9.0], [1.0]],
        "blend: networks alone": [[9.0], [2.0]],
        "a": [[3.0], [5.0]],
        "b": [[9.0], [4.0]],
    }

    assert script.best_baseline(errors, "blend") == "b"


def test_sizes_stand_in_rows_with_their_spread_over_folds(script):
    table = script.markdown(
        [20.4, 100], {"chain": np.array([[1.0, 3.0], [1.0, 1.0]]), "alone": np.array([[2.0], [1.5]])}
    )

    assert table.splitlines()[2:] == ["| 20 | 2 ± 1.4 | 2 |", "| 100 | 1 ± 0 | 1.5 |"]


def test_coverages_outside_their_range_by_chance_are_counted(script):
    covered = {"nominal": [0.5, 0.9], "covered": [0.52, 0.7], "low": [0.4, 0.6], "high": [0.6, 0.8]}

    said = script.calibrated({key: np.array(values) for key, values in covered.items()})
    assert said == "calibration: 1 of 2 nominal coverages are outside chance (95 %); farthest at 0.90: 0.700"


def test_what_is_stored_is_of_experiments_that_there_are_and_has_its_figures(script):
    for name, curves in json.loads(script.STORED.read_text()).items():
        asked = script.ALL[name]
        checked(compose([f"experiment={asked.experiment}", *asked.fixed]))
        assert curves["command"].startswith(f"python experiments/curves.py {name}")
        for each in asked.properties:
            of_property = curves["properties"][each.name]
            assert of_property["sizes"] == sorted(of_property["sizes"])
            assert all(len(values) == len(of_property["sizes"]) for values in of_property["errors"].values())
            for figure in ("learning_curve", "calibration"):
                assert (script.HERE / asked.folder / "figures" / f"{figure}_{each.name}.png").is_file()
