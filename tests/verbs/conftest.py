import shutil

import numpy as np
import pandas as pd
import pytest

import remanence as rm


@pytest.fixture(scope="session")
def on_table(tmp_path_factory, fresh_database):
    """Outputs with one run, ``mine``, of a linear model on a table of two numbers with units and names."""
    outputs = tmp_path_factory.mktemp("python")
    shutil.copy(fresh_database, outputs / "mlflow.db")
    rng = np.random.default_rng(0)
    x, amount = rng.uniform(0, 0.3, 30), np.arange(30) % 7
    d33 = 120 + 200 * x + 3 * amount + rng.normal(0, 1, 30)
    names = [f"{number:03d}" for number in range(30)]
    pd.DataFrame({"Id": names, "x": x, "amount": amount, "d33": d33}).to_csv(outputs / "mine.csv", index=False)
    columns = ("data.features=[x,amount]", "data.target=d33", "+data.units={d33:pC/N}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REMANENCE_OUTPUTS", str(outputs))
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        where = f"data.path={outputs}/mine.csv"
        rm.train(
            "piezo/table",
            "data/split=stratified",
            where,
            *columns,
            "model=linear",
            "baselines=none",
            "figures=brief",
            "name=mine",
        )
    return outputs


@pytest.fixture
def mine(on_table, monkeypatch):
    """The run on a table."""
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(on_table))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return rm.load("mine")
