from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from remanence.studies.chain.report import print_report

TRACKED = SimpleNamespace(name="perovskite", id="1a2b", folder=Path("outputs/runs/1a2b"))
METRICS = {
    "test/ions/mae": 0.1084,
    "test/ions/mae_sd": 0.012,
    "test/ions/coverage": 0.9,
    "test/ions/interval_width": 0.25,
    "baseline/lasso/test/ions/mae": 0.2,
    "test/mix/mae": 0.9,
    "test/mix/energy/mae": 0.9,
    "test/mix/rho/mae": 3.0,
    "test/mix/network/mae": 1.1,
    "test/mix/network/energy/mae": 1.1,
    "test/mix/network/rho/mae": 2.5,
    "baseline/lasso/test/mix/energy/mae": 0.95,
    "baseline/lasso/test/mix/rho/mae": 2.0,
}
MODELS = ("this run", "lasso", "its networks")


def rows(targets, folds, units=()):
    columns = SimpleNamespace(
        label=lambda name: f"{name} [{dict(units)[name]}]" if name in dict(units) else name, units=dict(units)
    )
    tested = [SimpleNamespace(test=np.arange(number)) for number in folds]
    return SimpleNamespace(targets=targets, folds=tested, columns=columns, source=SimpleNamespace(name="ions.csv"))


DATA = SimpleNamespace(rows={"ions": rows(["gap"], [4, 3], {"gap": "eV"}), "mix": rows(["energy", "rho"], [5])})


@pytest.fixture
def printed(capsys):
    """Print the report of a run of two scales, and return its lines."""

    def lines(*, brief):
        print_report(TRACKED, METRICS, ["lasso"], DATA, coverage=0.8, brief=brief)
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return lines


def test_a_trial_of_a_sweep_prints_one_line(printed):
    assert printed(brief=True) == ["perovskite: ions MAE 0.1084, mix MAE 0.9 1a2b"]


def test_every_target_has_a_table_with_its_unit_rows_and_folds(printed):
    text = printed(brief=False)

    assert "ions: gap [eV] on 7 test rows in 2 folds of ions.csv" in text
    assert "mix: energy on 5 test rows of ions.csv" in text
    assert "mix: rho on 5 test rows of ions.csv" in text
    assert "intervals of 80% cover 90.0% of the test rows; mean width 0.25 eV" in text
    assert text[-3] == "run perovskite 1a2b"


def test_models_stand_in_the_order_of_their_errors_and_a_better_baseline_is_said(printed):
    text = "\n".join(printed(brief=False))

    tables = text.split(" of ions.csv")[1:]
    order = [sorted((name for name in MODELS if f"{name} │" in table), key=table.index) for table in tables]
    assert order == [["this run", "lasso"], [*MODELS], ["lasso", "its networks", "this run"]]
    assert "0.1084 ± 0.012" in tables[0]
    assert [table.count("lasso has the smaller MAE (") for table in tables] == [0, 0, 1]


def test_a_better_baseline_is_said_to_be_so_by_chance_where_the_test_over_folds_says_so(printed, monkeypatch):
    monkeypatch.setitem(METRICS, "baseline/lasso/mix/rho/p", 0.3)
    (said,) = [line for line in printed(brief=False) if "smaller MAE" in line]
    assert said.endswith(", within chance (p = .300)")

    monkeypatch.setitem(METRICS, "baseline/lasso/mix/rho/p", 0.01)
    (said,) = [line for line in printed(brief=False) if "predicts these rows better" in line]
    assert said.startswith("lasso predicts these rows better: MAE (")
    assert said.endswith("), p = .010")
