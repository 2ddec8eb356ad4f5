import numpy as np
import pandas as pd
import pytest
from compared_runs import compared_run

from remanence.tracking.fold_errors import fold_tests, of_metric, read_fold_errors
from remanence.training.fold_comparison import corrected_t_test

MAE = [1.0, 2.0, 4.0]


class Files:
    def __init__(self, path):
        self._path = path

    def path(self, run, name):
        return self._path


def table(mae=MAE, rows=("00", "01", "1e5"), **columns):
    own = {"target": "d33", "model": "this run", "fold": range(3), "mae": mae, "tested": 10, "fitted": 40}
    return pd.DataFrame({**own, "rows": rows, **columns})


def read(tmp_path, frame):
    path = tmp_path / "fold_errors.csv"
    frame.to_csv(path, index=False)
    return read_fold_errors(compared_run(), Files(path))


def test_the_errors_of_the_runs_own_model_are_read(tmp_path):
    baseline = table(mae=[9.0, 9.0, 9.0], model="linear")

    errors = read(tmp_path, pd.concat([table(), baseline]))["d33"]

    assert errors.mae.tolist() == MAE
    assert errors.ratio == 0.25
    assert errors.rows == ("00", "01", "1e5")  # digests that look like numbers stay texts


def test_scales_of_a_chain_are_told_apart(tmp_path):
    assert list(read(tmp_path, table(scale="ions"))) == ["ions: d33"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "target,model,fold,mae,tested,fitted,rows\na,b,0,x,1,1,r\n"])
def test_a_damaged_table_has_no_errors(tmp_path, text):
    path = tmp_path / "fold_errors.csv"
    path.write_text(text)

    assert read_fold_errors(compared_run(), Files(path)) == {}
    assert read_fold_errors(compared_run(), Files(None)) == {}


def test_two_runs_are_tested_on_the_same_rows_only(tmp_path):
    one, other = read(tmp_path, table()), read(tmp_path, table(mae=[1.5, 2.0, 5.0]))
    elsewhere = read(tmp_path, table(rows=("00", "01", "02")))

    (test,) = fold_tests(one, other).values()

    assert test.p == pytest.approx(corrected_t_test(np.array(MAE), np.array([1.5, 2.0, 5.0]), 0.25))
    assert test.difference == pytest.approx(-0.5)
    assert fold_tests(one, elsewhere) == {}


def test_the_target_of_a_metric_is_found_by_its_mean(tmp_path):
    errors = read(tmp_path, pd.concat([table(), table(mae=[3.0, 3.0, 3.0], target="eps")], ignore_index=True))

    assert of_metric(errors, 3.0) is errors["eps"]
    assert of_metric(errors, 5.0) is None
