from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from remanence.studies.table.report import print_report

TRACKED = SimpleNamespace(name="knn", id="1a2b", folder=Path("outputs/runs/1a2b"))
METRICS = {
    "test/r2": 0.7, "test/r2_sd": 0.05, "test/rmse": 60.0, "test/mae": 40.0, "test/relative_error": 0.3,
    "test/noise_floor": 25.13, "baseline/svr/test/r2": 0.5, "baseline/svr/test/rmse": 80.0, "baseline/svr/p": 0.0123,
    "baseline/ridge/test/r2": 0.4, "baseline/ridge/test/rmse": 90.0, "baseline/ridge/p": 0.0001,
}  # fmt: skip


def data(folds, units=(("d33", "pC/N"),)):
    columns = SimpleNamespace(label=lambda name: name, units=dict(units))
    tested = [SimpleNamespace(test=np.arange(4))] * folds
    return SimpleNamespace(targets=["d33"], folds=tested, columns=columns, source=SimpleNamespace(name="knn.csv"))


@pytest.fixture
def printed(capsys):
    def lines(metrics, folds=15, baselines=("svr", "ridge")):
        print_report(TRACKED, metrics, baselines, data(folds), coverage=0.9, brief=False)
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return lines


def row(text, name):
    (line,) = [line for line in text if line.startswith(f"│ {name} ")]
    return [cell.strip() for cell in line.strip("│ ").split("│")]


def test_the_spread_the_p_and_the_noise_floor_are_named(printed):
    text = printed(METRICS)

    assert row(text, "this run") == ["this run", "0.7 ± 0.05", "60", "40", "0.3"]
    assert (row(text, "svr")[-1], row(text, "ridge")[-1]) == (".012", "< .001")
    (note,) = [line for line in text if line.startswith("±")]
    assert note.startswith("±: sd over 15 folds; p: whether the MAE differs from this run's; t test over folds")
    assert note.endswith("training rows that folds share (Nadeau-Bengio) and for 2 baselines (Holm)")
    (floor,) = [line for line in text if line.startswith("noise floor: ")]
    assert floor.startswith("noise floor: 25.13 pC/N, the pooled sd within sets of equal inputs: about the least RMSE")


@pytest.mark.parametrize("pooled", [None, 0.72, 0.95])
def test_what_folds_of_rows_alike_hide_is_told(printed, pooled):
    text = printed(METRICS if pooled is None else METRICS | {"test/pooled_r2": pooled})

    told = [line for line in text if line.startswith("R²")]
    hidden = "R² of all held-out rows together: 0.95; the rows of single folds differ less than all do"
    assert told == ([hidden] if pooled == 0.95 else [])


def test_intervals_are_told_with_their_width_and_the_quarters_with_what_chance_does(printed):
    quarters = {f"test/coverage_q{number}": share for number, share in enumerate((0.9, 0.91, 0.9, 0.88), 1)}

    text = " ".join(printed(METRICS | {"test/coverage": 0.8975, "test/interval_width": 191.88} | quarters))

    assert (
        "intervals of 90% cover 89.8% of the test rows; mean width 192 pC/N; of the quarters with the lowest to" in text
    )
    assert "predictions 90.0%, 91.0%, 90.0%, 88.0% (by chance ± 58.8%)" in text  # of one row each


def test_with_one_fold_the_spread_is_over_members_and_nothing_is_tested(printed):
    metrics = {key: value for key, value in METRICS.items() if not key.endswith(("/p", "_sd", "noise_floor"))}

    text = printed(metrics | {"test/member_r2_sd": 0.02}, folds=1)

    assert row(text, "this run")[1] == "0.7 ± 0.02"
    assert len(row(text, "svr")) == 5
    assert "±: sd over members" in text
    assert not [line for line in text if "noise floor" in line or "Holm" in line]
    assert not [line for line in printed(metrics, folds=1) if line.startswith("±")]


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.17, "svr has the smaller MAE (30 against 40), within chance (p = .170); model=svr trains it"),
        (0.0002, "svr predicts these rows better: MAE (30 against 40), p < .001; model=svr trains it"),
        (None, "svr has the smaller MAE (30 against 40); whether by chance, only a test over several folds tells; "),
    ],
)
def test_a_baseline_is_better_only_if_it_is_by_more_than_chance(printed, p, said):
    metrics = METRICS | {"baseline/svr/test/mae": 30.0, "baseline/ridge/test/mae": 50.0}
    del metrics["baseline/svr/p"]

    text = printed(metrics if p is None else metrics | {"baseline/svr/p": p})

    assert [line for line in text if line.startswith(said)]


def test_nothing_is_said_of_baselines_that_are_not_better(printed):
    text = printed(METRICS | {"baseline/svr/test/mae": 41.0, "baseline/svr/test/rmse": 50.0})

    assert not [line for line in text if "smaller MAE" in line or "better" in line]
