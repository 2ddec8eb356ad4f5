import math

import numpy as np
import pandas as pd
import pytest
from compared_runs import repeated
from scipy import stats

from remanence.tracking.setting_tests import CORRECTED, PLAIN, setting_tests
from remanence.tracking.settings import settings
from remanence.training.fold_comparison import corrected_t_test

FIRST, SECOND, THIRD = np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.5, 2.1, 5.0, 3.7]), np.array([1.1, 1.9, 4.1, 3.1])


def pairs_of(*values, files=None, key="seed"):
    runs = [
        run for number, each in enumerate(values) for run in repeated(each, key=key, **{"model.width": str(number)})
    ]
    (found,) = settings(runs).values()
    return setting_tests(found, files), runs


class Files:
    """Errors of two folds for each run, whose mean is its metric."""

    def __init__(self, folder, *, rows="r"):
        self.folder, self.rows = folder, rows

    def path(self, run, name):
        mae, path = run.data.metrics["test/mae"], self.folder / f"{run.info.run_id}.csv"
        split = run.data.params["data.split.seed"]
        table = {"target": "d33", "model": "this run", "fold": [0, 1], "mae": [mae - 0.1, mae + 0.1]}
        rows = [f"{self.rows}{split}{number}" for number in range(2)]
        pd.DataFrame({**table, "tested": 20, "fitted": 80, "rows": rows}).to_csv(path, index=False)
        return path


def test_seeds_of_the_same_rows_are_tested_by_a_paired_t_test():
    (test,), _ = pairs_of(FIRST, SECOND)

    assert test.p == pytest.approx(stats.ttest_rel(FIRST, SECOND).pvalue)
    assert test.difference == pytest.approx((FIRST - SECOND).mean())
    assert (test.how, test.runs, test.metric) == (PLAIN, 4, "test/mae")


def test_the_p_values_of_several_pairs_are_corrected_by_holm():
    tests, _ = pairs_of(FIRST, SECOND, THIRD)

    plain = [stats.ttest_rel(one, other).pvalue for one, other in ((FIRST, SECOND), (FIRST, THIRD), (SECOND, THIRD))]
    assert min(test.p for test in tests) == pytest.approx(3 * min(plain))


def test_splits_of_the_same_rows_are_tested_over_folds_with_the_correction(tmp_path):
    (test,), _ = pairs_of(FIRST, SECOND, files=Files(tmp_path), key="data.split.seed")

    spread = np.array([-0.1, 0.1])
    one, other = ((values[:, None] + spread).ravel() for values in (FIRST, SECOND))
    assert test.p == pytest.approx(corrected_t_test(one, other, 20 / 80))
    assert test.p > stats.ttest_rel(one, other).pvalue
    assert test.how == CORRECTED


def test_folds_that_several_splits_share_count_once(tmp_path):
    class Same(Files):
        def path(self, run, name):
            path = super().path(run, name)
            table = pd.read_csv(path).assign(rows=["a", "b"])
            table.to_csv(path, index=False)
            return path

    (test,), _ = pairs_of(FIRST, SECOND, files=Same(tmp_path), key="data.split.seed")

    assert test.p == 0.0  # two folds with the same difference, where eight with several would be tested
    assert test.how == CORRECTED


def test_splits_without_errors_by_fold_are_not_tested():
    (test,), _ = pairs_of(FIRST, SECOND, key="data.split.seed")

    assert math.isnan(test.p)
    assert test.how.startswith("not tested")
