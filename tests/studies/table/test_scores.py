import numpy as np
import pandas as pd
import pytest
from scipy import stats

from remanence.data.nbbt import NBBT
from remanence.data.table import Table
from remanence.studies.fold_scores import all_metrics, fold_error_table, fold_errors, stand_in
from remanence.studies.table.scores import lph_correlations, noise_floors
from remanence.training.fold_comparison import corrected_t_test, holm

KFOLD = {"kind": "kfold", "folds": 4, "repeats": 2, "validation": 0.2, "bins": 5, "seed": 0}


@pytest.fixture
def opened(table):
    def open_(**given):
        path = table(rows=40, x=np.arange(40) // 2 / 40)
        options = {"split": KFOLD, "target": "d33", "duplicates": "together", **given}
        return Table(path=str(path), features=["x"], **options).open()

    return open_


def test_baselines_are_tested_over_folds_and_for_their_number(opened):
    data = opened(target=["d33", "eps_r"])
    own, *others = [stand_in(data, seed) for seed in range(4)]
    names = ["a", "b", "c"]

    metrics = all_metrics(own, dict(zip(names, others, strict=True)), data)

    for column, target in enumerate(("d33", "eps_r")):
        errors = [fold_errors(fit, data, column) for fit in (own, *others)]
        raw = [corrected_t_test(errors[0], other, 1 / 3) for other in errors[1:]]
        adjusted = holm(dict(zip(names, raw, strict=True)))
        for name, other in zip(names, errors[1:], strict=True):
            assert metrics[f"baseline/{name}/{target}/p"] == pytest.approx(adjusted[name], rel=1e-2)
            difference = metrics[f"baseline/{name}/{target}/mae_difference"]
            assert difference == pytest.approx((errors[0] - other).mean())
            own_mae, its_mae = (metrics[f"{prefix}test/{target}/mae"] for prefix in ("", f"baseline/{name}/"))
            assert difference == pytest.approx(own_mae - its_mae)
    assert metrics["baseline/a/p"] == metrics["baseline/a/p_value"] == metrics["baseline/a/d33/p"]


def test_the_errors_of_each_fold_have_a_digest_of_its_rows_whatever_the_inputs(opened):
    data = opened(target=["d33", "eps_r"])
    models = {"this run": stand_in(data, 0), "a": stand_in(data, 1)}

    table = fold_error_table(models, data)

    own = table[(table["target"] == "eps_r") & (table["model"] == "a")]
    assert own["mae"].tolist() == pytest.approx(fold_errors(models["a"], data, 1).tolist())
    assert (own["tested"] + own["fitted"]).tolist() == [40] * 8
    assert own["rows"].tolist() == table["rows"].tolist()[:8]
    other = opened(target=["d33", "eps_r"], split={**KFOLD, "seed": 10})
    assert set(fold_error_table({"a": stand_in(other, 1)}, other)["rows"]).isdisjoint(own["rows"])


def test_one_fold_tells_no_models_apart(opened):
    data = opened(
        split={"kind": "stratified", "folds": 4, "fold": 0, "held_out": {}, "validation": 0.2, "bins": 5, "seed": 0}
    )
    metrics = all_metrics(stand_in(data, 0), {"a": stand_in(data, 1)}, data)

    assert "baseline/a/mae_difference" in metrics
    assert not [key for key in metrics if key.endswith(("/p", "/p_value"))]


@pytest.mark.parametrize("duplicates", ["together", "split"])
def test_the_noise_floor_is_known_however_rows_are_held_out(opened, duplicates):
    data = opened(target=["d33", "eps_r"], duplicates=duplicates)
    pairs = data.y.reshape(20, 2, 2)
    expected = np.sqrt(pairs.var(axis=1, ddof=1).mean(axis=0))

    assert noise_floors(data) == pytest.approx(
        {"test/noise_floor": expected[0], "test/d33/noise_floor": expected[0], "test/eps_r/noise_floor": expected[1]}
    )


def test_without_repeated_inputs_there_is_no_noise_floor(table):
    assert noise_floors(Table(path=str(table()), target="d33", features=["x"], split=KFOLD).open()) == {}


def test_a_composition_counts_once_in_correlations_however_many_ceramics_were_made():
    tables = [
        lph_correlations(NBBT(series=["NS", "QS"], replicates=number, target="d33", features=["x"], split=KFOLD).open())
        for number in (1, 20)
    ]

    assert [table["rows"].tolist() for table in tables] == [[12, 12]] * 2
    frame = NBBT(series=["NS", "QS"], replicates=20, target="d33", features=["x"], split=KFOLD).open().frame
    means = frame.groupby(["series", "x"])[["lph_slope", "d33"]].mean()
    expected = stats.pearsonr(means["lph_slope"], means["d33"])
    row = tables[1].set_index("property").loc["d33"]
    assert (row["pearson"], row["pearson_p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert all(1e-12 < p < 0.05 for table in tables for p in pd.concat([table["pearson_p"], table["spearman_p"]]))
