"""experiments/piezo/protocols.py: three ways to hold rows out."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from remanence.configuration.compose import compose
from remanence.studies.kinds import checked

SCRIPT = Path(__file__).parents[2] / "experiments" / "piezo" / "protocols.py"
METRICS = {
    "metric": ["test/r2", "test/mae", "test/r2_sd"],
    "this run": [0.71, 40.04, 0.0812],
    "ridge": [0.5, 55.0, 0.1],
}


@pytest.fixture
def protocols():
    specified = importlib.util.spec_from_file_location("protocols", SCRIPT)
    module = importlib.util.module_from_spec(specified)
    specified.loader.exec_module(module)
    return module


def test_three_ways_to_hold_rows_out_stand_side_by_side(protocols, monkeypatch, capsys):
    trained = []

    def train(*arguments):
        trained.append(arguments)
        return SimpleNamespace(table=lambda name: pd.DataFrame(METRICS))

    monkeypatch.setattr(protocols.rm, "train", train)

    protocols.main(["data.split.seed=7"])

    printed = capsys.readouterr().out.splitlines()
    assert printed[0].count(": R² ± sd over folds / MAE") == 3
    assert printed[2:] == [
        "| this run | " + " | ".join(["0.710 ± 0.081 / 40.0"] * 3) + " |",
        "| ridge | " + " | ".join(["0.500 ± 0.100 / 55.0"] * 3) + " |",
    ]
    assert all(arguments[:2] == ("piezo/knn", "data.split.seed=7") for arguments in trained)


def test_each_way_is_a_configuration_of_the_experiment(protocols):
    data = [
        checked(compose(["experiment=piezo/knn", *overrides])).plain["data"]
        for overrides in protocols.PROTOCOLS.values()
    ]

    assert [(each["duplicates"], each["families"]) for each in data] == [
        ("split", "none"),
        ("together", "none"),
        ("together", "elements"),
    ]
