import numpy as np
import pytest

from remanence.studies.model_metrics import logged_metrics, model_table

METRICS = {
    "test/r2": 0.9, "test/r2_sd": 0.1, "test/mae": 2.0, "train/r2": 1.0, "test/d33/r2": 0.9, "test/eps_r/r2": 0.8,
    "test/member_r2": 0.85, "test/d33/member_r2": 0.85, "base/test/r2": 0.7, "base/test/d33/r2": 0.7,
    "agreement/d33/r2": 0.99, "agreement/eps_r/r2": 0.98,
    "baseline/svr/test/r2": 0.6, "baseline/svr/test/d33/r2": 0.6, "baseline/svr/test/eps_r/mae": 3.0,
    "baseline/svr/test/r2_sd": 0.2, "baseline/svr/test/pooled_r2": 0.6, "baseline/svr/train/r2": 1.0,
    "baseline/svr/mae_difference": -1.0, "baseline/svr/p": 0.02, "baseline/svr/p_value": 0.02,
    "baseline/svr/d33/p": 0.02, "baseline/svr/eps_r/p": 0.4, "baseline/lasso/test/ions/rmse": 1.0,
}  # fmt: skip
LEFT_OUT = {
    "test/d33/r2", "test/d33/member_r2", "base/test/d33/r2", "baseline/svr/test/d33/r2", "baseline/svr/test/r2_sd",
    "baseline/svr/test/pooled_r2", "baseline/svr/train/r2", "baseline/svr/mae_difference", "baseline/svr/p_value",
    "baseline/svr/d33/p",
}  # fmt: skip


def test_nothing_is_logged_twice_and_of_baselines_only_what_a_table_of_models_needs():
    logged = logged_metrics(METRICS, first_target="d33")

    assert METRICS.keys() - logged.keys() == LEFT_OUT
    assert all(METRICS[name] == value for name, value in logged.items())


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_an_objective_is_logged_by_the_name_that_it_was_given(name):
    logged = logged_metrics(METRICS, first_target="d33", objectives=[name])

    assert METRICS.keys() - logged.keys() == LEFT_OUT - {name}


def test_a_single_target_may_be_called_as_a_part_of_a_metric():
    assert logged_metrics({"test/r2": 1.0, "test/test/r2": 1.0}) == {"test/r2": 1.0, "test/test/r2": 1.0}


def test_the_table_has_every_metric_of_every_baseline_beside_the_runs_own():
    table = model_table(METRICS, ["svr", "lasso"]).set_index("metric")

    assert table.columns.tolist() == ["this run", "svr", "lasso"]
    assert table.loc["test/r2"].tolist()[:2] == [0.9, 0.6]
    assert (table.loc["train/r2", "svr"], table.loc["p", "svr"], table.loc["mae_difference", "svr"]) == (1.0, 0.02, -1)
    assert table.loc["test/ions/rmse", "lasso"] == 1.0
    assert np.isnan(table.loc["test/r2", "lasso"])
    assert "p_value" not in table.index
