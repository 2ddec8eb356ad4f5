"""The errors that a run has logged for each fold, and the test of two runs on the same folds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.logged_files import LoggedFiles
from remanence.training.fold_comparison import corrected_t_test

FILE = "tables/fold_errors.csv"
COLUMNS = {"target", "model", "fold", "mae", "tested", "fitted", "rows"}
ALIKE = 1e-6
"""Share by which the mean over folds may differ from the metric that it is."""


@dataclass(frozen=True)
class FoldErrors:
    """Errors of the model of a run for one target, fold by fold."""

    mae: NDArray[np.float64]
    """Mean absolute error in each fold, shape (folds,)."""
    ratio: float
    """Number of tested rows over that of the others, the mean over folds."""
    rows: tuple[str, ...]
    """Digest of the tested rows of each fold."""


@dataclass(frozen=True)
class FoldTest:
    """The difference of two runs over the same folds."""

    folds: int
    difference: float
    """Mean over folds of the MAE of the first run minus that of the second."""
    p: float
    """Of a t test, corrected for the training rows that folds share; NaN with a single fold."""


def read_fold_errors(run: ComparedRun, files: LoggedFiles) -> dict[str, FoldErrors]:
    """Return the errors of a run by target, ``scale: target`` for a chain; empty if it has logged none.

    Runs of releases before this table, runs on spectra, and damaged tables have none.
    """
    path = files.path(run, FILE)
    if path is None:
        return {}
    try:
        table = pd.read_csv(path, dtype={"rows": str, "target": str, "scale": str}, float_precision="round_trip")
        if not set(table) >= COLUMNS or table.empty:
            return {}
        own = table[table["model"] == table["model"].iloc[0]]
        ratio = own["tested"] / own["fitted"]
        names = own["target"] if "scale" not in own else own["scale"] + ": " + own["target"]
        return {
            str(name): FoldErrors(
                each["mae"].to_numpy(np.float64), float(ratio[each.index].mean()), tuple(each["rows"])
            )
            for name, each in own.groupby(names, sort=False)
        }
    except (ValueError, TypeError, OSError, KeyError):  # of somebody else, cut or changed
        return {}


def of_metric(errors: Mapping[str, FoldErrors], value: float) -> FoldErrors | None:
    """Return the errors whose mean over folds is the metric ``test/mae`` of the run, which names no target."""
    alike = (each for each in errors.values() if math.isclose(float(each.mae.mean()), value, rel_tol=ALIKE))
    return next(alike, None)


def fold_tests(one: Mapping[str, FoldErrors], other: Mapping[str, FoldErrors]) -> dict[str, FoldTest]:
    """Return the test of each target that two runs have predicted for the same rows in the same folds."""
    return {
        target: FoldTest(
            len(errors.rows),
            float((errors.mae - other[target].mae).mean()),
            corrected_t_test(errors.mae, other[target].mae, errors.ratio),
        )
        for target, errors in one.items()
        if target in other and errors.rows == other[target].rows
    }
